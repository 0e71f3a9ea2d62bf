// `GET /system/df`: the lists of old, and from API 1.52 on a summary of each kind.
import type { JsonObject, JsonValue } from '../../base/json.ts'
import { isTrue, type Call } from './call.ts'
import { listContainers } from './container-list.ts'
import { isUp } from './container.ts'
import { imageSummary } from './image-views.ts'
import { isSlim } from './profile.ts'
import { usersOf, volumeJson } from './volumes.ts'
import type { World } from './world.ts'

interface Kind {
  readonly type: string
  readonly list: string
  readonly usage: string
  readonly items: readonly JsonObject[]
  readonly active: number
  readonly size: number
}

export function diskUsage(world: World, call: Call): JsonObject {
  const { profile } = world
  const types = call.query.getAll('type')
  const kinds = kindsOf(world, call).filter(({ type }) => !profile.lean || types.length === 0 || types.includes(type))
  const slim = isSlim(profile, call.version)
  const lists = kinds.map(({ list, items }): [string, JsonValue] => [list, [...items]])
  const usages = kinds.map((kind): [string, JsonValue] => [kind.usage, usageJson(kind)])
  if (slim && isTrue(call.query.get('verbose'))) return Object.fromEntries(usages)
  return { ...(profile.lean ? {} : { LayersSize: 0 }), ...Object.fromEntries(slim ? [...lists, ...usages] : lists) }
}

// Each member is absent when it is 0 or empty.
function usageJson({ items, active, size }: Kind): JsonObject {
  return {
    ...(active === 0 ? {} : { ActiveCount: active }),
    ...(items.length === 0 ? {} : { Items: [...items], TotalCount: items.length }),
    ...(size === 0 ? {} : { TotalSize: size }),
  }
}

function kindsOf(world: World, call: Call): Kind[] {
  const { images, containers, volumes } = world.state
  const inUse = new Set([...containers.values()].map(({ image }) => image))
  const rows = [...images.values()].map((image) => imageSummary(world, image))
  return [
    {
      type: 'image',
      list: 'Images',
      usage: 'ImageUsage',
      items: rows,
      active: [...images.keys()].filter((id) => inUse.has(id)).length,
      size: rows.reduce((sum, { Size }) => sum + Number(Size), 0),
    },
    {
      type: 'container',
      list: 'Containers',
      usage: 'ContainerUsage',
      items: listContainers(world, { ...call, query: new URLSearchParams('all=1') }),
      active: [...containers.values()].filter(isUp).length,
      size: 0,
    },
    {
      type: 'volume',
      list: 'Volumes',
      usage: 'VolumeUsage',
      items: [...volumes.values()].map((volume) => volumeJson(world, volume)),
      active: [...volumes.keys()].filter((name) => usersOf(world, name).length > 0).length,
      size: 0,
    },
    { type: 'build-cache', list: 'BuildCache', usage: 'BuildCacheUsage', items: [], active: 0, size: 0 },
  ]
}
