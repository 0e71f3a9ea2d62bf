import { isIP } from 'node:net'

import { objectAt, textAt } from '../base/json.ts'
import type { Docker } from '../engine/connect.ts'
import type { Seen } from './container.ts'
import { proxiesOf } from './proxy.ts'
import type { Place } from './self.ts'
import { sharedNetworks } from './shared-network.ts'

/** How this process reaches its engine: without it dockline cannot tell which containers stand in between. */
export interface Access {
  readonly endpoint: Docker['endpoint']
  /** All addresses of a host name, as the connection itself would find them; none when there are none. */
  lookup(host: string): Promise<readonly string[]>
  /** Where this process runs, by `ownPlace`. */
  readonly place?: Place | undefined
}

/** The containers that this process stands on. */
export interface Lifeline {
  /** The container that it runs in. `undefined` also when it is one of several that cannot be told apart. */
  readonly self: Seen | undefined
  /** Through which it reaches the engine. */
  readonly proxies: readonly Seen[]
  /** Why containers must not be touched, by id. The own one is not in here. */
  readonly held: ReadonlyMap<string, string>
}

/** What a lifeline is found by. */
export interface LifelinePorts {
  readonly selfId?: string | undefined
  readonly access?: Access | undefined
}

/** Finds the containers that this process stands on. @param containers all of the engine */
export async function findLifeline(containers: readonly Seen[], { selfId, access }: LifelinePorts): Promise<Lifeline> {
  return lifelineOf(containers, { selfId, access, addresses: await addressesOf(access) })
}

async function addressesOf(access: Access | undefined): Promise<readonly string[]> {
  if (access?.endpoint.kind !== 'tcp') return []
  const host = access.endpoint.host.replace(/^\[(.*)\]$/, '$1')
  return isIP(host) === 0 ? access.lookup(host) : [host]
}

/** The same, given the addresses of the endpoint's host. Pure. */
export function lifelineOf(
  containers: readonly Seen[],
  { selfId, access, addresses }: LifelinePorts & { readonly addresses: readonly string[] },
): Lifeline {
  const held = new Map<string, string>()
  const networks = sharedNetworks(containers)
  const sharers = (seen: Seen): readonly Seen[] => networks.sharers(seen)
  const suspects = ownContainers(containers, selfId, access?.place, sharers)
  const self = suspects.length === 1 ? suspects[0] : undefined
  for (const seen of suspects.length > 1 ? suspects : [])
    held.set(seen.id, 'dockline itself runs in it or in another one that shares its network: refresh it from outside')
  const owner = self === undefined ? undefined : networks.owner(self)
  if (self !== undefined && owner !== undefined)
    held.set(owner.id, `${self.name}, in which dockline itself runs, has its network: refresh both from outside`)
  const proxies =
    access === undefined ? [] : proxiesOf(containers, { endpoint: access.endpoint, addresses, self, sharers })
  for (const proxy of proxies) {
    held.set(proxy.id, proxyReason(proxy))
    for (const seen of sharers(proxy)) {
      if (seen.id === self?.id || held.has(seen.id)) continue
      held.set(seen.id, `it shares the network of ${proxy.name}, through which dockline reaches the engine: ${OUTSIDE}`)
    }
  }
  return { self, proxies, held }
}

const OUTSIDE = 'refresh it over another line'

function proxyReason({ name }: Seen): string {
  return `dockline reaches the engine through it: ${OUTSIDE}, with "dockline refresh --name ${name} --host unix:///var/run/docker.sock" on the engine's machine`
}

// The files of an engine's containers tell the owner of a network and those that share it not apart, what each wrote does.
function ownContainers(
  containers: readonly Seen[],
  selfId: string | undefined,
  place: Place | undefined,
  sharers: (seen: Seen) => readonly Seen[],
): readonly Seen[] {
  const named = containers.find(({ id }) => id === selfId)
  if (named === undefined) return []
  if (place === undefined || place.sure) return [named]
  const all = [named, ...sharers(named)]
  const own = all.filter((seen) => place.layer !== undefined && layerOf(seen) === place.layer)
  return own.length === 1 ? own : all
}

function layerOf({ raw }: Seen): string {
  return textAt(objectAt(objectAt(raw, 'GraphDriver'), 'Data'), 'UpperDir')
}
