import { isObject, isZero, textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import { atLeast } from '../../engine/api-version.ts'
import type { Notes } from './notes.ts'
import { lenderOf, successorMounts } from './volumes.ts'

export interface HostConfigContext {
  readonly apiVersion: string
  /** Destinations that come from `VolumesFrom`. */
  readonly inheritedMounts: ReadonlySet<string>
  /** Mounts that a container in `VolumesFrom` has only since it moved. */
  readonly lent: readonly JsonObject[]
  /** The container's own sysctls, without those of interfaces; `undefined` for as they are. */
  readonly sysctls: JsonObject | undefined
  /** Where a reference to another container points from now on: old id or name → new id or name. */
  readonly moved: ReadonlyMap<string, string>
  /** Name of the network behind `NetworkMode`, when that is an id. */
  readonly networkMode: string
  readonly notes: Notes
}

/**
 * The host config of the successor: the old one passed on whole, unknown members included, but for what names other
 * containers, what an engine of this version refuses, and anonymous volumes.
 */
export function successorHostConfig(raw: JsonObject, hostConfig: JsonObject, context: HostConfigContext): JsonObject {
  const { apiVersion, moved, notes } = context
  const next: JsonObject = { ...hostConfig, NetworkMode: pointTo(context.networkMode, moved) }
  for (const member of ['IpcMode', 'PidMode'] as const) {
    if (typeof next[member] === 'string') next[member] = pointTo(next[member], moved)
  }
  if (Array.isArray(next['VolumesFrom']))
    next['VolumesFrom'] = next['VolumesFrom'].map((source) => movedSource(source, moved))
  if (Array.isArray(next['Links'])) next['Links'] = next['Links'].map((link) => movedLink(createLink(link), moved))
  if (Array.isArray(next['Ulimits'])) next['Ulimits'] = next['Ulimits'].map(createUlimit)
  if (Array.isArray(next['Devices'])) next['Devices'] = next['Devices'].map(createDevice)
  // podman shows both, and any engine refuses both.
  if (!isZero(next['NanoCpus'])) for (const member of ['CpuPeriod', 'CpuQuota']) delete next[member]
  // It shows a size of the memory that is another's or not there, too, and refuses to take one.
  if (typeof next['IpcMode'] === 'string' && OTHERS_MEMORY.test(next['IpcMode'])) delete next['ShmSize']
  if (isObject(next['Annotations'])) next['Annotations'] = userAnnotations(next['Annotations'])
  if (isObject(next['PortBindings'])) next['PortBindings'] = boundPorts(next['PortBindings'])
  if (context.sysctls !== undefined) next['Sysctls'] = context.sysctls
  const mounts = successorMounts(raw, { inherited: context.inheritedMounts, lent: context.lent }, notes)
  if (mounts !== undefined) next['Mounts'] = mounts
  for (const [member, gone] of Object.entries(GONE)) {
    if (next[member] !== undefined && atLeast(apiVersion, gone)) drop(next, member, `gone since API ${gone}`, notes)
  }
  return next
}

// An engine up to 28 publishes nothing of a port with an empty list, a 29 publishes it on a free port.
function boundPorts(bindings: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(bindings).filter(([, list]) => Array.isArray(list) && list.length > 0))
}

const OTHERS_MEMORY = /^(?:host$|none$|container:)/

const GONE: Readonly<Record<string, string>> = { KernelMemory: '1.42', KernelMemoryTCP: '1.52' }

function drop(next: JsonObject, member: string, reason: string, notes: Notes): void {
  if (next[member] !== 0 && next[member] !== null) notes.dropped.push(`HostConfig.${member}: ${reason}`)
  delete next[member]
}

/** `container:<id>` pointed at the container's successor; anything else as it is. */
export function pointTo(mode: string, moved: ReadonlyMap<string, string>): string {
  const target = mode.startsWith('container:') ? moved.get(mode.slice('container:'.length)) : undefined
  return target === undefined ? mode : `container:${target}`
}

function movedLink(link: JsonValue, moved: ReadonlyMap<string, string>): JsonValue {
  const [child = '', alias = ''] = typeof link === 'string' ? link.split(':') : []
  const target = moved.get(child)
  return target === undefined ? link : `${target}:${alias}`
}

// By its final name, which must not be a temporary one: an inspect shows for ever what was asked for. The old lender, whose
// name it still is at the create, has all volumes but those that only the new image declares.
function movedSource(source: JsonValue, moved: ReadonlyMap<string, string>): JsonValue {
  if (typeof source !== 'string') return source
  const [, ...options] = source.split(':')
  const lender = lenderOf(source)
  const byId = /^[0-9a-f]{12,64}$/.test(lender) ? moved.get(lender) : undefined
  return [byId ?? lender, ...options].join(':')
}

/** podman shows no permissions for all of them, and refuses to take none. */
export function createDevice(device: JsonValue): JsonValue {
  return isObject(device) && device['CgroupPermissions'] === '' ? { ...device, CgroupPermissions: 'rwm' } : device
}

/** What is the user's of the annotations. podman adds its own when it creates and when it starts a container. */
export function userAnnotations(annotations: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !ENGINE_ANNOTATION.test(key)))
}

const ENGINE_ANNOTATION =
  /^(?:io\.podman\.annotations\.|io\.container\.manager$|io\.kubernetes\.cri-o\.|org\.opencontainers\.image\.stopSignal$|org\.systemd\.property\.)/

/** podman shows `RLIMIT_NOFILE` and takes `nofile`. */
export function createUlimit(ulimit: JsonValue): JsonValue {
  if (!isObject(ulimit) || !textAt(ulimit, 'Name').startsWith('RLIMIT_')) return ulimit
  return { ...ulimit, Name: textAt(ulimit, 'Name').slice('RLIMIT_'.length).toLowerCase() }
}

/** An inspect shows `/child:/parent/alias`, a create takes `child:alias` (moby opts.ParseLink). */
export function createLink(link: JsonValue): JsonValue {
  const shown = typeof link === 'string' ? /^\/([^:]+):\/.+\/([^/]+)$/.exec(link) : null
  return shown === null ? link : `${shown[1]}:${shown[2]}`
}
