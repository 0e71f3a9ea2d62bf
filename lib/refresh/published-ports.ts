import { stateOf, type Seen } from './container.ts'

// An engine may start a container without its ports when an earlier start failed on a conflict (moby#51758), or publish
// one that was left to it at another number.

/**
 * Published ports that were asked for and are not there, although the old container had them as far as is known: an
 * engine publishes nothing of a port that is bound and not exposed.
 */
export function missingPorts(old: Seen, seen: Seen | undefined): string[] {
  if (seen === undefined || /^(?:host|none|container:)/.test(seen.view.HostConfig.NetworkMode)) return []
  const asked = Object.entries(seen.view.HostConfig.PortBindings)
  return asked
    .filter(([port, bindings]) => (bindings ?? []).length > 0 && published(seen, port).length === 0)
    .filter(([port]) => !['running', 'paused'].includes(stateOf(old)) || published(old, port).length > 0)
    .map(([port]) => port)
}

/** Ports whose number on the host the engine chose anew, as warnings. */
export function changedPorts(old: Seen, seen: Seen | undefined): string[] {
  if (seen === undefined) return []
  return Object.keys(seen.view.NetworkSettings.Ports)
    .map((port) => [port, published(old, port), published(seen, port)] as const)
    .filter(([, before, after]) => before.length > 0 && after.length > 0 && before.join() !== after.join())
    .map(
      ([port, before, after]) => `port ${port} was published at ${before.join(', ')} and is now at ${after.join(', ')}`,
    )
}

function published({ view }: Seen, port: string): string[] {
  const bindings = view.NetworkSettings.Ports[port] ?? []
  return bindings.map(({ HostPort }) => HostPort).toSorted()
}
