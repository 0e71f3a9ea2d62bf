import type { JsonObject } from '../../base/json.ts'
import { atLeast } from '../../wire/version.ts'
import { filtersOf, type Call } from './call.ts'
import { isUp } from './container.ts'
import { checkFilters, labelsFit, truthOf, untilOf } from './filters.ts'
import { pruneImages } from './image-remove.ts'
import { remove } from './removal.ts'
import { removeVolume, usersOf } from './volumes.ts'
import { now, type World } from './world.ts'

const LABELS = ['label', 'label!']

/** `POST /containers/prune`: those that do not run. */
export function pruneContainers(world: World, { query }: Call): JsonObject {
  const filters = filtersOf(query)
  checkFilters(filters, [...LABELS, 'until'])
  const until = untilOf(filters, now(world))
  const stopped = [...world.state.containers.values()].filter(
    (container) =>
      !isUp(container) &&
      container.status !== 'restarting' &&
      container.created < until &&
      labelsFit(filters, container.config['Labels'] as JsonObject | null),
  )
  for (const container of stopped) remove(world, container, { volumes: false })
  return { ContainersDeleted: listOf(stopped.map(({ id }) => id)), SpaceReclaimed: 0 }
}

/** `POST /images/prune`: those without a name, or with `dangling=false` all that no container uses. */
export function pruneImagesJson(world: World, { query }: Call): JsonObject {
  const filters = filtersOf(query)
  checkFilters(filters, [...LABELS, 'until', 'dangling'])
  const until = untilOf(filters, now(world))
  const gone = pruneImages(
    world,
    truthOf(filters, 'dangling') ?? true,
    ({ created, config }) =>
      Date.parse(created) < until && labelsFit(filters, (config['Labels'] ?? null) as JsonObject | null),
  )
  return { ImagesDeleted: listOf(gone), SpaceReclaimed: 0 }
}

/** `POST /volumes/prune`: anonymous ones that nobody uses; before API 1.42, or with `all`, all of them. */
export function pruneVolumes(world: World, { query, version }: Call): JsonObject {
  const filters = filtersOf(query)
  checkFilters(filters, [...LABELS, 'all'])
  const all = !atLeast(version, '1.42') || truthOf(filters, 'all') === true
  const unused = [...world.state.volumes.values()].filter(
    ({ name, anonymous, labels }) =>
      usersOf(world, name).length === 0 && (all || anonymous) && labelsFit(filters, labels),
  )
  for (const { name } of unused) removeVolume(world, name)
  return { VolumesDeleted: listOf(unused.map(({ name }) => name)), SpaceReclaimed: 0 }
}

/** `POST /networks/prune` */
export function pruneNetworks(world: World, { query }: Call): JsonObject {
  const filters = filtersOf(query)
  checkFilters(filters, [...LABELS, 'until'])
  const until = untilOf(filters, now(world))
  // dockerd asks for endpoints that are up.
  const used = new Set(
    [...world.state.containers.values()].flatMap(({ endpoints }) =>
      [...endpoints].flatMap(([name, { live }]) =>
        live === undefined && world.profile.family === 'docker' ? [] : [name],
      ),
    ),
  )
  const unused = [...world.state.networks.values()].filter(
    ({ name, fixed, created, labels }) => !fixed && !used.has(name) && created < until && labelsFit(filters, labels),
  )
  for (const { id } of unused) world.state.networks.delete(id)
  return { NetworksDeleted: listOf(unused.map(({ name }) => name)) }
}

// Go's nil slice.
function listOf<T>(items: T[]): T[] | null {
  return items.length === 0 ? null : items
}
