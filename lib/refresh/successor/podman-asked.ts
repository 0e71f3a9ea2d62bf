// What a container of podman was asked for and its compatible inspect does not show.
import { isObject, isZero, objectAt, parseJson, printJson, textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import { UNSEEN_LABEL } from '../marks.ts'
import { addressesOf, valuesOf, type AskedAddress, type Flag } from './create-command.ts'
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
  /** Networks whose addresses are those that the container has now, asked for or not. */
  readonly seenOnly: readonly string[]
}

/**
 * What was asked for, by the command line that podman keeps, or by the label that an earlier replacement left. For a
 * container that was made over an API by somebody else neither is there: then the addresses it has on networks of users
 * count as asked for, since one that is lost breaks who relies on it.
 *
 * @param flags of its command line, if it has one
 */
export function askedFor(raw: JsonObject, flags: readonly Flag[] | undefined): Asked {
  const label = flags === undefined ? readLabel(raw) : undefined
  const source = flags !== undefined ? 'command' : label !== undefined ? 'label' : 'nothing'
  const known = flags !== undefined ? fromCommand(raw, flags) : fromLabel(label ?? {})
  const { addresses, seenOnly } = withSeen(raw, known.addresses ?? {}, source)
  return {
    source,
    sysctls: known.sysctls ?? {},
    deviceRules: known.deviceRules ?? [],
    devices: known.devices ?? {},
    ipcMode: known.ipcMode,
    swappiness: known.swappiness ?? shownSwappiness(objectAt(raw, 'HostConfig')),
    addresses,
    seenOnly,
  }
}

/** The label by which the next replacement knows what this one asked for. */
export function unseenLabel({ sysctls, deviceRules, devices, ipcMode, swappiness, addresses }: Asked): JsonObject {
  return { [UNSEEN_LABEL]: printJson({ sysctls, deviceRules, devices, ipcMode, swappiness, addresses }) }
}

type Known = Partial<Omit<Asked, 'source' | 'seenOnly'>>

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
  return {
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
  const addresses = [...addressesOf(flags)].map(
    ([network, address]) => [network === '' ? (names.find(isDefault) ?? '') : network, address] as const,
  )
  return {
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
  source: Source,
): Pick<Asked, 'addresses' | 'seenOnly'> {
  const mode = textAt(objectAt(raw, 'HostConfig'), 'NetworkMode')
  if (isNetworkless(mode)) return { addresses: {}, seenOnly: [] }
  const addresses: Record<string, AskedAddress> = {}
  const seenOnly: string[] = []
  for (const [network, endpoint] of Object.entries(networksOf(raw))) {
    const asked = Object.hasOwn(known, network) ? known[network] : undefined
    if (asked !== undefined || isDefault(network)) {
      addresses[network] = asked ?? {}
      continue
    }
    const ipv4 = textAt(endpoint, 'IPAddress') || undefined
    const ipv6 = textAt(endpoint, 'GlobalIPv6Address') || undefined
    const mac = textAt(endpoint, 'MacAddress') || undefined
    addresses[network] = { ipv4, ipv6, mac }
    if (source !== 'nothing' && ipv4 === undefined) continue
    seenOnly.push(network)
  }
  return { addresses, seenOnly }
}

/** The rights that were asked for on a device, also by its folder; `undefined` when that is not known. */
export function rightsOf(device: JsonValue, devices: Asked['devices']): string | undefined {
  const shown = textAt(device, 'CgroupPermissions')
  if (shown !== '') return shown
  const path = textAt(device, 'PathInContainer')
  const [found] = Object.entries(devices).find(([at]) => path === at || path.startsWith(`${at}/`)) ?? []
  return found === undefined ? undefined : devices[found]
}
