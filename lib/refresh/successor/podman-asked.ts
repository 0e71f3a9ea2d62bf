// What a container of podman was asked for and its compatible inspect does not show.
import {
  isObject,
  isZero,
  objectAt,
  parseJson,
  printJson,
  textAt,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts'
import { UNSEEN_LABEL } from '../marks.ts'
import type { Seen } from '../container.ts'
import { addressesOf, valuesOf, type AskedAddress, type Flag } from './create-command.ts'
import { isSet } from './mac-addresses.ts'
import { isNetworkless, networksOf } from './networking.ts'

/** How it is known: by the command line, by the label of a successor, or by nothing but what runs. */
export type Source = 'command' | 'label' | 'nothing'

/** Settings that no compatible inspect of podman shows. */
export interface Asked {
  readonly source: Source
  readonly sysctls: Readonly<Record<string, string>>
  readonly deviceRules: readonly string[]
  /** Rights by path in the container. Of another device nothing is known. */
  readonly devices: Readonly<Record<string, string>>
  /** Where the inspect does not tell it: podman 4.3 says `shareable` of every container. */
  readonly ipcMode?: string | undefined
  /** `undefined` where nothing was asked for. */
  readonly swappiness?: number | undefined
  readonly addresses: Readonly<Record<string, AskedAddress>>
  /** Networks of which nobody tells what was asked for. */
  readonly unknown: readonly string[]
  /** Names of the environment that were asked for; others may have been, too. */
  readonly env: readonly string[]
  /** Whether `HOME` was; `undefined` where that is not known. */
  readonly home?: boolean | undefined
}

/** Label that keeps the addresses of a container of podman where nobody tells whether they were asked for; `--keep-ip` does for all. */
export const KEEP_IP_LABEL = 'dockline.keep-ip'

export function keepsIp(seen: Seen): boolean {
  return isSet(seen, KEEP_IP_LABEL)
}

/** Addresses to keep where nobody tells whether they were asked for. */
export interface Kept {
  readonly ip?: boolean | undefined
  readonly mac?: boolean | undefined
}

/**
 * What was asked for, by the command line that podman keeps, or by the label that an earlier replacement left. For a
 * container that was made over an API by somebody else neither is there. Its addresses then are drawn anew unless `kept`
 * says otherwise: podman does not start a container whose address another one has drawn meanwhile, as happens after a reboot.
 *
 * @param flags of its command line, if it has one
 */
export function askedFor(raw: JsonObject, flags: readonly Flag[] | undefined, kept: Kept = {}): Asked {
  const label = flags === undefined ? readLabel(raw) : undefined
  const source = flags !== undefined ? 'command' : label !== undefined ? 'label' : 'nothing'
  const known = flags !== undefined ? fromCommand(raw, flags) : fromLabel(label ?? {})
  const { addresses, unknown } = withSeen(raw, known.addresses ?? {}, kept)
  return {
    source,
    sysctls: known.sysctls ?? {},
    deviceRules: known.deviceRules ?? [],
    devices: known.devices ?? {},
    ipcMode: known.ipcMode,
    swappiness: known.swappiness ?? shownSwappiness(objectAt(raw, 'HostConfig')),
    addresses,
    unknown,
    env: known.env ?? [],
    home: known.home,
  }
}

/** The label by which the next replacement knows what this one asked for, `env` among it. */
export function unseenLabel(
  { sysctls, deviceRules, devices, ipcMode, swappiness, addresses }: Asked,
  env: readonly string[],
): JsonObject {
  return { [UNSEEN_LABEL]: printJson({ sysctls, deviceRules, devices, ipcMode, swappiness, addresses, env: [...env] }) }
}

type Known = Partial<Omit<Asked, 'source' | 'unknown'>>

function readLabel(raw: JsonObject): JsonObject | undefined {
  const text = textAt(objectAt(objectAt(raw, 'Config'), 'Labels'), UNSEEN_LABEL)
  try {
    const value = text === '' ? undefined : parseJson(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function fromLabel(label: JsonObject): Known {
  const { deviceRules, ipcMode, swappiness } = label
  const env = Array.isArray(label['env']) ? label['env'].filter((name) => typeof name === 'string') : undefined
  return {
    ...(env === undefined ? {} : { env, home: env.includes('HOME') }),
    sysctls: texts(objectAt(label, 'sysctls')),
    deviceRules: Array.isArray(deviceRules) ? deviceRules.filter((rule) => typeof rule === 'string') : [],
    devices: texts(objectAt(label, 'devices')),
    ipcMode: typeof ipcMode === 'string' ? ipcMode : undefined,
    swappiness: typeof swappiness === 'number' ? swappiness : undefined,
    addresses: Object.fromEntries(
      Object.entries(objectAt(label, 'addresses')).map(([network, address]) => [network, texts(address)]),
    ),
  }
}

function texts(value: JsonValue): Record<string, string> {
  const entries = isObject(value) ? Object.entries(value) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

function fromCommand(raw: JsonObject, flags: readonly Flag[]): Known {
  const pairs = valuesOf(flags, 'sysctl').map((value) => value.split(/=(.*)/s, 2) as [string, string])
  const swappiness = valuesOf(flags, 'memory-swappiness').at(-1)
  const ipc = valuesOf(flags, 'ipc').at(-1)
  const names = Object.keys(networksOf(raw))
  const env = valuesOf(flags, 'env').map((entry) => entry.split('=', 1)[0] as string)
  const others = flags.some(({ name }) => name === 'env-file' || name === 'env-host' || name === 'env-merge')
  const addresses = [...addressesOf(flags)].map(
    ([network, address]) => [network === '' ? (names.find(isDefault) ?? '') : network, address] as const,
  )
  return {
    env,
    home: env.includes('HOME') || (others ? undefined : false),
    sysctls: Object.fromEntries(pairs),
    deviceRules: valuesOf(flags, 'device-cgroup-rule'),
    devices: Object.fromEntries(valuesOf(flags, 'device').map(readDevice)),
    ipcMode: ipc === 'host' || ipc === 'none' || ipc === 'private' ? ipc : undefined,
    swappiness: swappiness === undefined || swappiness === '-1' ? undefined : Number(swappiness),
    // A network that the line does not name was connected later.
    addresses: Object.fromEntries(addresses.filter(([network]) => names.includes(network))),
  }
}

// `host[:container][:rights]`
function readDevice(value: string): [path: string, rights: string] {
  const [host = '', second, third] = value.split(':')
  if (second === undefined) return [host, 'rwm']
  return second.startsWith('/') ? [second, third ?? 'rwm'] : [host, second]
}

/** True for podman's network of those that name none. */
export function isDefault(network: string): boolean {
  return network === 'podman'
}

// 0 stands for "not asked for" as long as nothing else is set of the memory, and else for itself.
function shownSwappiness(hostConfig: JsonObject): number | undefined {
  const { MemorySwappiness: shown, Memory, MemoryReservation, MemorySwap, OomKillDisable } = hostConfig
  if (typeof shown !== 'number' || shown < 0) return undefined
  const memory = [Memory, MemoryReservation, MemorySwap].some((value) => !isZero(value))
  return shown === 0 && !memory && OomKillDisable !== true ? undefined : shown
}

function withSeen(
  raw: JsonObject,
  known: Readonly<Record<string, AskedAddress>>,
  kept: Kept,
): Pick<Asked, 'addresses' | 'unknown'> {
  const mode = textAt(objectAt(raw, 'HostConfig'), 'NetworkMode')
  if (isNetworkless(mode)) return { addresses: {}, unknown: [] }
  const addresses: Record<string, AskedAddress> = {}
  const unknown: string[] = []
  for (const [network, endpoint] of Object.entries(networksOf(raw))) {
    const asked = Object.hasOwn(known, network) ? known[network] : undefined
    if (asked === undefined && !isDefault(network)) unknown.push(network)
    const now = asked === undefined && !isDefault(network) ? shownAddress(endpoint) : {}
    addresses[network] = {
      ...asked,
      ...(kept.ip === true ? { ipv4: asked?.ipv4 ?? now.ipv4, ipv6: asked?.ipv6 ?? now.ipv6 } : {}),
      ...(kept.mac === true ? { mac: asked?.mac ?? now.mac } : {}),
    }
  }
  return { addresses, unknown }
}

/** The addresses that an endpoint has now; none for a container that does not run. */
export function shownAddress(endpoint: JsonValue | undefined): AskedAddress {
  return {
    ipv4: textAt(endpoint, 'IPAddress') || undefined,
    ipv6: textAt(endpoint, 'GlobalIPv6Address') || undefined,
    mac: textAt(endpoint, 'MacAddress') || undefined,
  }
}

/** The rights that were asked for on a device, also by its folder; `undefined` when that is not known. */
export function rightsOf(device: JsonValue, devices: Asked['devices']): string | undefined {
  const shown = textAt(device, 'CgroupPermissions')
  if (shown !== '') return shown
  const path = textAt(device, 'PathInContainer')
  const [found] = Object.entries(devices).find(([at]) => path === at || path.startsWith(`${at}/`)) ?? []
  return found === undefined ? undefined : devices[found]
}
