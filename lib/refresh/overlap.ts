import { objectAt, textAt, type JsonObject } from '../base/json.ts'
import { stateOf, type Seen } from './container.ts'
import { networksOf } from './successor/networking.ts'
import type { Successor } from './successor/successor.ts'

/** Why the new container must not start while the old one runs, or `undefined`: what both would claim is claimed once. */
export function overlapForbidden(
  old: Seen,
  groupSize: number,
  { body }: Pick<Successor, 'body'> = { body: { Image: '' } },
): string | undefined {
  const { HostConfig, Mounts } = old.view
  if (stateOf(old) !== 'running') return `it is ${stateOf(old)}`
  if (groupSize > 1) return 'other containers share its namespaces or volumes'
  if (HostConfig.AutoRemove) return 'it has --rm'
  if (HostConfig.NetworkMode === 'host') return 'it uses the network of the host'
  const fixed = Object.entries(HostConfig.PortBindings).find(([, bindings]) =>
    (bindings ?? []).some(({ HostPort }) => HostPort !== '' && HostPort !== '0'),
  )
  if (fixed !== undefined) return `its port ${fixed[0]} is published at a fixed number`
  // podman shows what was asked for in the plan alone.
  const planned = Object.entries(objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig'))
  const addressed = [...Object.entries(networksOf(old.raw)), ...planned].find(
    ([, endpoint]) =>
      Object.values(objectAt({ endpoint: endpoint ?? null }, 'endpoint')['IPAMConfig'] ?? {}).length > 0,
  )
  if (addressed !== undefined) return `it has an address of its own in ${addressed[0]}`
  const mac = macOf(body)
  if (mac !== undefined) return `it has a MAC address of its own ${mac}`
  const written = Mounts.find(({ RW, Type }) => RW && Type !== 'tmpfs')
  return written === undefined ? undefined : `it may write to what is mounted at ${written.Destination}`
}

// Two that run with one MAC address on one network take each other's packets.
function macOf(body: JsonObject): string | undefined {
  const endpoints = objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig')
  const [network] = Object.entries(endpoints).find(([, endpoint]) => textAt(endpoint, 'MacAddress') !== '') ?? []
  if (network !== undefined) return `in ${network}`
  return textAt(body, 'MacAddress') === '' ? undefined : '(--mac-address)'
}
