import { isObject, objectAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import { SINCE, atLeast } from '../../engine/api-version.ts'
import type { Notes } from './notes.ts'

export interface NetworkingContext {
  /** Full id of the old container. */
  readonly id: string
  readonly hostname: string
  /** Configured MAC address of the container; an address that the engine made up is not carried. */
  readonly macAddress: string
  readonly apiVersion: string
  readonly notes: Notes
}

/** The networks of the successor. */
export interface Networking {
  /** `NetworkMode` with the name of its network, whatever spelling the old one used. */
  readonly networkMode: string
  /** Goes into the create body. */
  readonly endpoints: JsonObject
  /** To be connected between create and start: below API 1.44 a create takes one network only. */
  readonly later: readonly { readonly network: string; readonly endpoint: JsonObject }[]
}

/** True for a `NetworkMode` that leaves a container without networks of its own. */
export function isNetworkless(mode: string): boolean {
  return /^(?:host|none|container:.*)$/.test(mode)
}

const PLAIN = /^(?:default|bridge|nat|podman)$/

/** What is configured of the endpoints: addresses asked for, aliases, links, driver options. The rest was made at start. */
export function successorNetworking(
  hostConfig: JsonObject,
  networks: JsonObject,
  context: NetworkingContext,
): Networking {
  const mode = typeof hostConfig['NetworkMode'] === 'string' ? hostConfig['NetworkMode'] : 'default'
  if (isNetworkless(mode)) return { networkMode: mode, endpoints: {}, later: [] }
  const own = ownNetwork(mode, networks)
  const networkMode = PLAIN.test(own) ? mode : own
  const all = Object.entries(networks).map(
    ([network, endpoint]) => [network, configured(network, endpoint, context, network === own)] as const,
  )
  const first = all.filter(([network]) => network === own)
  const rest = all.filter(([network]) => network !== own)
  if (atLeast(context.apiVersion, SINCE['several networks at create']))
    return { networkMode, endpoints: Object.fromEntries([...first, ...rest]), later: [] }
  return {
    networkMode,
    endpoints: Object.fromEntries(first),
    later: rest.map(([network, endpoint]) => ({ network, endpoint })),
  }
}

// Mode and endpoint key must be the same identity, or the engine refuses a MAC and loses a static address. podman says
// "bridge" whatever the network is called.
function ownNetwork(mode: string, networks: JsonObject): string {
  const names = Object.keys(networks)
  if (names.includes(mode)) return mode
  if (PLAIN.test(mode)) return names.find((name) => PLAIN.test(name)) ?? names[0] ?? 'bridge'
  return names.find((name) => idAt(objectAt(networks, name)).startsWith(mode)) ?? mode
}

function idAt(endpoint: JsonObject): string {
  return typeof endpoint['NetworkID'] === 'string' ? endpoint['NetworkID'] : ''
}

// Members that the user configures; all others tell what the engine made of them.
const CONFIGURED = ['IPAMConfig', 'Links', 'DriverOpts', 'GwPriority'] as const

function configured(
  network: string,
  endpoint: JsonValue | undefined,
  context: NetworkingContext,
  own: boolean,
): JsonObject {
  const shown = isObject(endpoint) ? endpoint : {}
  const next: JsonObject = {}
  for (const member of CONFIGURED) {
    if (shown[member] !== undefined && shown[member] !== null) next[member] = shown[member]
  }
  if (isObject(next['IPAMConfig']) && Object.keys(next['IPAMConfig']).length === 0) delete next['IPAMConfig']
  // Aliases and addresses of one's own are refused on the default bridge.
  const aliases = PLAIN.test(network) ? undefined : userAliases(shown, context)
  if (aliases !== undefined) next['Aliases'] = aliases
  if (own && context.macAddress !== '' && atLeast(context.apiVersion, SINCE['MAC address of an endpoint']))
    next['MacAddress'] = context.macAddress
  return next
}

// Below API 1.45 an inspect adds the short id and then the hostname, unless that is among the user's own already.
function userAliases(endpoint: JsonObject, { id, hostname, notes }: NetworkingContext): JsonValue[] | undefined {
  const aliases = endpoint['Aliases']
  if (!Array.isArray(aliases)) return undefined
  const generated = aliases.indexOf(id.slice(0, 12))
  if (generated < 0) return [...new Set(aliases)]
  const own = new Set(aliases.filter((alias, i) => i !== generated && !(i > generated && alias === hostname)))
  notes.changed.push('Aliases: the short id is generated anew')
  return own.size === 0 ? undefined : [...own]
}

/** `NetworkSettings.Networks` of a raw inspect. */
export function networksOf(raw: JsonObject): JsonObject {
  return objectAt(objectAt(raw, 'NetworkSettings'), 'Networks')
}
