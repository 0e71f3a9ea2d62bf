import { objectAt, textAt, type JsonObject } from '../../base/json.ts'
import { SINCE, atLeast } from '../../engine/api-version.ts'
import { stateOf, type Seen } from '../container.ts'
import { isNetworkless, networksOf, ownNetwork } from './networking.ts'
import { isOfPodman } from './podman.ts'

/** Label that keeps the MAC addresses of a container, drawn ones too; `--keep-mac` does for all. */
export const KEEP_MAC_LABEL = 'dockline.keep-mac'

/** MAC addresses of a container that its successor is to have. */
export interface MacAddresses {
  /** By network. Those that an engine draws are not among them. */
  readonly byNetwork: ReadonlyMap<string, string>
  /** Networks whose address may have been asked for and will be drawn anew, each with the reason. */
  readonly untold: readonly string[]
}

export interface MacOptions {
  readonly apiVersion: string
  /**
   * `Config.MacAddress`: from 1.52 on that of an inspect in an older version, which still shows it. `undefined` when the
   * engine did not tell.
   */
  readonly containerWide: string | undefined
  /** Keeps the addresses in use, drawn ones too. */
  readonly keep?: boolean | undefined
}

// From here on an engine draws addresses at random; below it makes them from the IPv4 address (moby 28.0).
const RANDOM_SINCE = '1.48'
/** From here on an inspect does not show `Config.MacAddress`. */
export const HIDDEN_SINCE = '1.52'
/** The last version that does. */
export const TOLD_BY = '1.51'

/**
 * Which MAC addresses were asked for. An inspect shows the one in use and not whether somebody chose it, but for the main
 * network: `Config.MacAddress`, absent where `NetworkMode` is an id (moby daemon/inspect.go `desiredMACAddress`).
 */
export function macAddresses(old: Seen, { apiVersion, containerWide, keep = false }: MacOptions): MacAddresses {
  const byNetwork = new Map<string, string>()
  const untold: string[] = []
  const mode = old.view.HostConfig.NetworkMode
  if (isNetworkless(mode) || isOfPodman(old.raw)) return { byNetwork, untold }
  const networks = networksOf(old.raw)
  const own = ownNetwork(mode, networks, false)
  const keeps = keep || keepsMac(old)
  for (const network of Object.keys(networks)) {
    const endpoint = objectAt(networks, network)
    const used = textAt(endpoint, 'MacAddress')
    const main = network === own
    const told = main && containerWide !== undefined && (containerWide !== '' || named(mode, network))
    if (main && containerWide !== undefined && containerWide !== '') byNetwork.set(network, containerWide)
    else if (keeps && used !== '') byNetwork.set(network, used)
    else if (told || !atLeast(apiVersion, SINCE['MAC address of an endpoint'])) continue
    else if (stateOf(old) === 'created' && used !== '') byNetwork.set(network, used) // no address was drawn yet
    else if (used === '') {
      if (stateOf(old) !== 'running')
        untold.push(
          `Networks.${network}.MacAddress: not shown of a stopped container; one that was asked for is lost unless the container runs and is refreshed with --keep-mac`,
        )
    } else if (!atLeast(apiVersion, RANDOM_SINCE)) {
      if (used.toLowerCase() !== drawnFor(endpoint)) byNetwork.set(network, used)
    } else if (main) byNetwork.set(network, used)
    else
      untold.push(
        `Networks.${network}.MacAddress: ${used} is drawn anew; whether it was asked for, the engine does not tell: --keep-mac or the label ${KEEP_MAC_LABEL} keeps it`,
      )
  }
  return { byNetwork, untold }
}

/** True for a container whose label asks to keep its MAC addresses. */
export function keepsMac(seen: Seen): boolean {
  return isSet(seen, KEEP_MAC_LABEL)
}

/** True when a container has a label, and it is not `false`. */
export function isSet({ view }: Seen, label: string): boolean {
  return Object.hasOwn(view.Config.Labels, label) && view.Config.Labels[label] !== 'false'
}

function named(mode: string, network: string): boolean {
  return mode === network || /^(?:default|bridge|nat)$/.test(mode)
}

// moby libnetwork/netutils `GenerateMACFromIP`
function drawnFor(endpoint: JsonObject): string {
  const bytes = textAt(endpoint, 'IPAddress')
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
  return ['02', '42', ...bytes].join(':')
}
