import { posix } from 'node:path'

import { isObject, textAt, type JsonObject } from '../base/json.ts'
import type { Docker } from '../engine/connect.ts'
import { isActive, stateOf, type Seen } from './container.ts'
import { networksOf } from './successor/networking.ts'
import { clean, mountsOf } from './successor/volumes.ts'

/** Where this process asks the engine, and from where. */
export interface Approach {
  readonly endpoint: Docker['endpoint']
  /** What the endpoint's host means here: one address or several, none when it cannot be looked up. */
  readonly addresses: readonly string[]
  /** The container that this process runs in. */
  readonly self: Seen | undefined
  /** Containers that have the network of this one, as it has theirs. */
  sharers(seen: Seen): readonly Seen[]
}

/** The containers of the engine that answer for the endpoint: a socket proxy is one. None when the engine itself does. Pure. */
export function proxiesOf(containers: readonly Seen[], approach: Approach): Seen[] {
  const { endpoint, self } = approach
  const others = containers.filter((seen) => seen.id !== self?.id && isActive(stateOf(seen)))
  if (endpoint.kind === 'tcp') return behindPort(others, endpoint, approach)
  return endpoint.kind === 'unix' ? behindSocket(others, endpoint.socketPath, self) : []
}

function behindPort(
  others: readonly Seen[],
  { host, port }: { readonly host: string; readonly port: number },
  approach: Approach,
): Seen[] {
  const { addresses, self } = approach
  const inside = self !== undefined && self.view.HostConfig.NetworkMode !== 'host'
  // In a container the loopback is its own, and of those that share its network.
  if (inside && addresses.length > 0 && addresses.every(isLoopback)) {
    const sharing = new Set(approach.sharers(self).map(({ id }) => id))
    return others.filter(({ id }) => sharing.has(id))
  }
  const direct = others.filter((seen) => hasAddress(seen, addresses) || (inside && isCalled(seen, host, self)))
  if (direct.length > 0) return direct
  const published = others.filter((seen) => publishes(seen, port, addresses))
  return published.length > 0 ? published : others.filter((seen) => listensOnHost(seen, port))
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address)
}

function hasAddress({ raw }: Seen, addresses: readonly string[]): boolean {
  return Object.values(networksOf(raw)).some((network) =>
    ['IPAddress', 'GlobalIPv6Address'].some((member) => addresses.includes(textAt(network, member))),
  )
}

// By the engine's DNS, which knows those of the networks that both are in.
function isCalled(seen: Seen, host: string, self: Seen): boolean {
  const own = Object.keys(networksOf(self.raw))
  const shared = Object.entries(networksOf(seen.raw)).filter(([network]) => own.includes(network))
  const names = shared.flatMap(([, network]) => [...textsAt(network, 'Aliases'), ...textsAt(network, 'DNSNames')])
  if (shared.length > 0) names.push(seen.name, seen.id.slice(0, 12))
  return names.some((name) => name.toLowerCase() === host.toLowerCase())
}

function textsAt(value: unknown, key: string): string[] {
  const member = isObject(value) ? value[key] : undefined
  return Array.isArray(member) ? member.filter((one) => typeof one === 'string') : []
}

function publishes({ view }: Seen, port: number, addresses: readonly string[]): boolean {
  const bindings = Object.entries(view.NetworkSettings.Ports).flatMap(([inner, bound]) =>
    inner.endsWith('/udp') ? [] : (bound ?? []),
  )
  return bindings.some(
    ({ HostIp, HostPort }) =>
      HostPort === String(port) && (/^(?:|0\.0\.0\.0|::)$/.test(HostIp) || addresses.includes(HostIp)),
  )
}

function listensOnHost({ raw, view }: Seen, port: number): boolean {
  const exposed = isObject(raw['Config']) ? raw['Config']['ExposedPorts'] : undefined
  return view.HostConfig.NetworkMode === 'host' && isObject(exposed) && Object.hasOwn(exposed, `${port}/tcp`)
}

// A container makes a socket in a folder that it shares; what mounts a socket itself only uses it.
function behindSocket(others: readonly Seen[], socketPath: string, self: Seen | undefined): Seen[] {
  const path = clean(socketPath)
  const mount = self === undefined ? undefined : mountOf(self, path)
  if (self !== undefined && mount === undefined) return []
  const volume = textAt(mount, 'Type') === 'volume' ? textAt(mount, 'Name') : ''
  const source =
    mount === undefined
      ? path
      : posix.join(textAt(mount, 'Source'), path.slice(clean(textAt(mount, 'Destination')).length))
  if (volume === '' && ENGINE_SOCKET.test(source)) return []
  const makers = others.filter(({ raw }) =>
    mountsOf(raw).some(
      (other) =>
        other['RW'] !== false &&
        (volume === '' ? isBelow(source, textAt(other, 'Source')) : textAt(other, 'Name') === volume),
    ),
  )
  const proxies = makers.filter(({ raw }) => mountsOf(raw).some((other) => leadsToSocket(textAt(other, 'Source'))))
  return proxies.length > 0 || volume === '' ? proxies : makers
}

const ENGINE_SOCKET =
  /^(?:\/var)?\/run\/(?:docker\.sock|podman\/podman\.sock|user\/\d+\/(?:docker\.sock|podman\/podman\.sock))$/

function leadsToSocket(source: string): boolean {
  return /\/(?:docker|podman)[^/]*\.sock$/.test(source) || /^(?:\/var)?\/run$/.test(clean(source))
}

function mountOf({ raw }: Seen, path: string): JsonObject | undefined {
  return mountsOf(raw)
    .filter((mount) => path === clean(textAt(mount, 'Destination')) || isBelow(path, textAt(mount, 'Destination')))
    .toSorted((a, b) => textAt(b, 'Destination').length - textAt(a, 'Destination').length)[0]
}

function isBelow(path: string, folder: string): boolean {
  const prefix = clean(folder)
  return folder !== '' && path.startsWith(prefix === '/' ? prefix : `${prefix}/`)
}
