import type { JsonObject } from '../../base/json.ts'
import { isUp } from './container.ts'
import { pruneImages } from './image-remove.ts'
import { remove } from './removal.ts'
import { removeVolume, usersOf } from './volumes.ts'
import type { World } from './world.ts'

/** `POST /containers/prune`: those that do not run. */
export function pruneContainers(world: World): JsonObject {
  const stopped = [...world.state.containers.values()].filter(
    (container) => !isUp(container) && container.status !== 'restarting',
  )
  for (const container of stopped) remove(world, container, { volumes: false })
  return { ContainersDeleted: listOf(stopped.map(({ id }) => id)), SpaceReclaimed: 0 }
}

/** `POST /images/prune` */
export function pruneImagesJson(world: World, dangling: boolean): JsonObject {
  return { ImagesDeleted: listOf(pruneImages(world, dangling)), SpaceReclaimed: 0 }
}

/** `POST /volumes/prune`: anonymous ones that nobody uses; before API 1.42 all of them. */
export function pruneVolumes(world: World, all: boolean): JsonObject {
  const unused = [...world.state.volumes.values()].filter(
    ({ name, anonymous }) => usersOf(world, name).length === 0 && (all || anonymous),
  )
  for (const { name } of unused) removeVolume(world, name)
  return { VolumesDeleted: listOf(unused.map(({ name }) => name)), SpaceReclaimed: 0 }
}

/** `POST /networks/prune` */
export function pruneNetworks(world: World): JsonObject {
  const used = new Set([...world.state.containers.values()].flatMap(({ endpoints }) => [...endpoints.keys()]))
  const unused = [...world.state.networks.values()].filter(({ name, fixed }) => !fixed && !used.has(name))
  for (const { id } of unused) world.state.networks.delete(id)
  return { NetworksDeleted: listOf(unused.map(({ name }) => name)) }
}

// Go's nil slice.
function listOf<T>(items: T[]): T[] | null {
  return items.length === 0 ? null : items
}
