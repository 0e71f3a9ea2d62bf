import { isObject, objectAt, textAt, type JsonObject } from '../../base/json.ts'
import { atLeast } from '../../engine/api-version.ts'
import type { Notes } from './notes.ts'

/** Option of an endpoint that holds the sysctls of its interface, comma-separated, with `IFNAME` for its name. */
export const SYSCTLS_OPTION = 'com.docker.network.endpoint.sysctls'

// Engines take that option since API 1.46, and refuse such sysctls of a container since 1.48 (moby container_routes.go
// `handleSysctlBC`).
const SINCE = '1.46'
const OF_INTERFACE = /^(net\.(?:ipv4|ipv6|mpls)\.(?:conf|neigh)\.)eth(\d+)(\..+)$/

/** Sysctls of a container, and those of single interfaces by the network that they belong to. */
export interface Sysctls {
  readonly own: JsonObject | undefined
  readonly byNetwork: ReadonlyMap<string, readonly string[]>
}

/**
 * Moves sysctls of `eth0`, `eth1`, … to the endpoints, where an engine wants them. The main network is eth0; the engine
 * that took them numbered the others in no certain order, so with more than two networks their names decide.
 *
 * @param networks main network first
 */
export function splitSysctls(
  hostConfig: JsonObject,
  networks: readonly string[],
  { apiVersion, notes }: { readonly apiVersion: string; readonly notes: Notes },
): Sysctls {
  const byNetwork = new Map<string, string[]>()
  const [first = '', ...others] = networks
  if (!isObject(hostConfig['Sysctls']) || !atLeast(apiVersion, SINCE) || networks.length === 0)
    return { own: undefined, byNetwork }
  const order = [first, ...others.toSorted()]
  const own: JsonObject = {}
  for (const [key, value] of Object.entries(hostConfig['Sysctls'])) {
    const [, before = '', index = '', after = ''] = OF_INTERFACE.exec(key) ?? []
    const network = index === '' ? undefined : order[Number(index)]
    if (index === '') own[key] = value
    else if (network === undefined)
      notes.dropped.push(`HostConfig.Sysctls["${key}"]: it is connected to no network that could be eth${index}`)
    else {
      byNetwork.set(network, [
        ...(byNetwork.get(network) ?? []),
        `${before}IFNAME${after}=${textAt({ value }, 'value')}`,
      ])
      const guess = Number(index) > 0 && order.length > 2 ? ', which of its networks that was cannot be told' : ''
      notes.changed.push(`HostConfig.Sysctls["${key}"]: an option of its endpoint in ${network}${guess}`)
    }
  }
  return { own, byNetwork }
}

/** The driver options of an endpoint with sysctls of its interface; what an option says already stays. */
export function withSysctls(endpoint: JsonObject, sysctls: readonly string[]): JsonObject {
  if (sysctls.length === 0) return endpoint
  const options = objectAt(endpoint, 'DriverOpts')
  const stated = typeof options[SYSCTLS_OPTION] === 'string' ? options[SYSCTLS_OPTION].split(',') : []
  const keys = new Set(stated.map(keyOf))
  const all = [...stated, ...sysctls.filter((one) => !keys.has(keyOf(one)))]
  return { ...endpoint, DriverOpts: { ...options, [SYSCTLS_OPTION]: all.join(',') } }
}

function keyOf(sysctl: string): string {
  return sysctl.split('=', 1)[0] as string
}
