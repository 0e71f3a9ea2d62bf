import { isObject, objectAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import { SINCE, atLeast } from '../../engine/api-version.ts'
import type { Notes } from './notes.ts'
import { isOfPodman } from './podman.ts'
import { splitSysctls, withSysctls } from './sysctls.ts'

export interface NetworkingContext {
  /** Full id of the old container. */
  readonly id: string
  readonly hostname: string
  readonly podman: boolean
  /** MAC addresses to ask for, by network; one that the engine drew is not carried. */
  readonly macAddresses: ReadonlyMap<string, string>
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
  /** To be disconnected between create and start: `NetworkMode` names a network that the old container has left. */
  readonly leave: readonly string[]
  /** The container's own sysctls, without those of interfaces; `undefined` for as they are. */
  readonly sysctls: JsonObject | undefined
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
  if (isNetworkless(mode)) return { networkMode: mode, endpoints: {}, later: [], leave: [], sysctls: undefined }
  const own = ownNetwork(mode, networks, context.podman)
  const networkMode = PLAIN.test(own) ? mode : own
  const names = Object.keys(networks)
  const sysctls = splitSysctls(
    hostConfig,
    names.includes(own) ? [own, ...names.filter((name) => name !== own)] : names,
    context,
  )
  const all = Object.entries(networks).map(([network, endpoint]) => {
    const next = configured(network, endpoint, context)
    return [network, withSysctls(next, sysctls.byNetwork.get(network) ?? [])] as const
  })
  // podman calls it "bridge" where it has given a container a network of the engine, and otherwise where not.
  const leave = names.includes(own) || (context.podman && mode !== 'bridge') ? [] : [own]
  const first = all.filter(([network]) => network === own)
  const rest = all.filter(([network]) => network !== own)
  if (atLeast(context.apiVersion, SINCE['several networks at create']))
    return { networkMode, endpoints: Object.fromEntries([...first, ...rest]), later: [], leave, sysctls: sysctls.own }
  return {
    networkMode,
    leave,
    sysctls: sysctls.own,
    endpoints: Object.fromEntries(first),
    later: rest.map(([network, endpoint]) => ({ network, endpoint })),
  }
}

/**
 * Name of the network that a `NetworkMode` stands for; the container may have left it. Mode and endpoint key must be the
 * same identity, or the engine refuses a MAC and loses a static address. podman says "bridge" whatever the network is
 * called.
 */
export function ownNetwork(mode: string, networks: JsonObject, podman: boolean): string {
  const names = Object.keys(networks)
  if (names.includes(mode)) return mode
  if (PLAIN.test(mode)) return names.find((name) => PLAIN.test(name)) ?? (podman ? (names[0] ?? 'podman') : 'bridge')
  return names.find((name) => idAt(objectAt(networks, name)).startsWith(mode)) ?? mode
}

function idAt(endpoint: JsonObject): string {
  return typeof endpoint['NetworkID'] === 'string' ? endpoint['NetworkID'] : ''
}

// Members that the user configures; all others tell what the engine made of them.
const CONFIGURED = ['IPAMConfig', 'Links', 'DriverOpts', 'GwPriority'] as const

function configured(network: string, endpoint: JsonValue | undefined, context: NetworkingContext): JsonObject {
  const shown = isObject(endpoint) ? endpoint : {}
  const next: JsonObject = {}
  for (const member of CONFIGURED) {
    if (shown[member] !== undefined && shown[member] !== null) next[member] = shown[member]
  }
  if (isObject(next['IPAMConfig']) && Object.keys(next['IPAMConfig']).length === 0) delete next['IPAMConfig']
  // Aliases and addresses of one's own are refused on the default bridge.
  const aliases = PLAIN.test(network) ? undefined : userAliases(shown, context)
  if (aliases !== undefined) next['Aliases'] = aliases
  const mac = context.macAddresses.get(network)
  if (mac !== undefined && atLeast(context.apiVersion, SINCE['MAC address of an endpoint'])) next['MacAddress'] = mac
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
  const networks = objectAt(objectAt(raw, 'NetworkSettings'), 'Networks')
  if (!isOfPodman(raw)) return networks
  // podman 5 shows one of this name, which none of its networks may have, where a container that never ran has none.
  return Object.fromEntries(Object.entries(networks).filter(([name]) => name !== 'bridge'))
}
