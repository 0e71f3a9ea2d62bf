import type { Seen } from './container.ts'
import { lenderOf } from './successor/volumes.ts'

/** Containers that move together, those first that others share with. */
export interface Group {
  readonly members: readonly Seen[]
  /** Names of containers that need each other in a circle. */
  readonly cycle?: readonly string[] | undefined
}

/** What ties containers together: who is named by whom. */
export interface Ties {
  /** The containers that this one shares a namespace or volumes with, or is linked to. */
  needs(container: Seen): readonly Seen[]
  /** The containers that share with this one. */
  neededBy(container: Seen): readonly Seen[]
}

/** Reads the ties of all containers of an engine: namespaces, `VolumesFrom` and legacy links name others by id or name. */
export function tiesOf(containers: readonly Seen[]): Ties {
  const byName = new Map(
    containers.flatMap((seen) => [
      [seen.id, seen] as const,
      [seen.id.slice(0, 12), seen] as const,
      [seen.name, seen] as const,
    ]),
  )
  const needs = new Map(
    containers.map((seen) => [seen.id, [...new Set(namedBy(seen).flatMap((name) => byName.get(name) ?? []))]]),
  )
  const neededBy = new Map<string, Seen[]>()
  for (const seen of containers) {
    for (const other of needs.get(seen.id) ?? []) neededBy.set(other.id, [...(neededBy.get(other.id) ?? []), seen])
  }
  return { needs: ({ id }) => needs.get(id) ?? [], neededBy: ({ id }) => neededBy.get(id) ?? [] }
}

function namedBy({ view }: Seen): string[] {
  const { NetworkMode, IpcMode, PidMode, VolumesFrom, Links } = view.HostConfig
  const modes = [NetworkMode, IpcMode, PidMode]
    .filter((mode) => mode.startsWith('container:'))
    .map((mode) => mode.slice('container:'.length))
  const linked = Links.map((link) => link.split(':')[0]?.replace(/^\//, '') ?? '')
  return [...modes, ...VolumesFrom.map(lenderOf), ...linked]
}

/**
 * The groups of a refresh: each container that moves, with all that share with it, directly or through others. A
 * container that two of them share with joins their groups.
 */
export function groupsOf(moving: readonly Seen[], ties: Ties): Group[] {
  const included = new Map<string, Seen>()
  const include = (seen: Seen): void => {
    if (included.has(seen.id)) return
    included.set(seen.id, seen)
    for (const other of ties.neededBy(seen)) include(other)
  }
  for (const seen of moving) include(seen)
  const groups: Group[] = []
  const grouped = new Set<string>()
  for (const seen of moving) {
    if (grouped.has(seen.id)) continue
    const members = component(seen, ties, included)
    for (const { id } of members) grouped.add(id)
    groups.push(inOrder(members, ties))
  }
  return groups
}

function component(start: Seen, ties: Ties, included: ReadonlyMap<string, Seen>): Seen[] {
  const found = new Map<string, Seen>()
  const visit = (seen: Seen): void => {
    if (found.has(seen.id) || !included.has(seen.id)) return
    found.set(seen.id, seen)
    for (const other of [...ties.needs(seen), ...ties.neededBy(seen)]) visit(other)
  }
  visit(start)
  return [...found.values()]
}

function inOrder(members: readonly Seen[], ties: Ties): Group {
  const left = new Map(members.map((seen) => [seen.id, seen]))
  const ordered: Seen[] = []
  while (left.size > 0) {
    const ready = [...left.values()].filter((seen) =>
      ties.needs(seen).every(({ id }) => !left.has(id) || id === seen.id),
    )
    if (ready.length === 0) return { members, cycle: [...left.values()].map(({ name }) => name) }
    for (const seen of ready) {
      ordered.push(seen)
      left.delete(seen.id)
    }
  }
  return { members: ordered }
}
