import type { Seen } from './container.ts'

/** Who has whose network, by `NetworkMode`. */
export interface SharedNetworks {
  /** The container whose network this one has; `undefined` when it has its own. */
  owner(seen: Seen): Seen | undefined
  /** All others that have the same network. */
  sharers(seen: Seen): readonly Seen[]
}

const MODE = 'container:'

/** Reads it of all containers of an engine. */
export function sharedNetworks(containers: readonly Seen[]): SharedNetworks {
  const byName = new Map(
    containers.flatMap((seen) => [seen.name, seen.id.slice(0, 12), seen.id].map((name) => [name, seen] as const)),
  )
  const owner = (seen: Seen): Seen | undefined => {
    const { NetworkMode } = seen.view.HostConfig
    return NetworkMode.startsWith(MODE) ? byName.get(NetworkMode.slice(MODE.length)) : undefined
  }
  const root = ({ id }: Seen, path: readonly string[] = []): string => {
    const next = path.includes(id) ? undefined : owner(byName.get(id) as Seen)
    return next === undefined ? id : root(next, [...path, id])
  }
  return {
    owner,
    sharers: (seen) => containers.filter((other) => other.id !== seen.id && root(other) === root(seen)),
  }
}
