import { isObject, isZero, textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import { numberAt, textsAt } from './fields.ts'
import type { Profile } from './profile.ts'

const READONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

// What inspect shows of a container that asked for nothing: where Go has nil, null.
const DEFAULTS: JsonObject = {
  Binds: null,
  ContainerIDFile: '',
  LogConfig: { Type: 'json-file', Config: {} },
  NetworkMode: '',
  PortBindings: null,
  RestartPolicy: { Name: '', MaximumRetryCount: 0 },
  AutoRemove: false,
  VolumeDriver: '',
  VolumesFrom: null,
  ConsoleSize: [0, 0],
  CapAdd: null,
  CapDrop: null,
  CgroupnsMode: 'private',
  Dns: null,
  DnsOptions: null,
  DnsSearch: null,
  ExtraHosts: null,
  GroupAdd: null,
  IpcMode: 'private',
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  UTSMode: '',
  UsernsMode: '',
  ShmSize: 67_108_864,
  Runtime: 'runc',
  Isolation: '',
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  BlkioWeightDevice: null,
  BlkioDeviceReadBps: null,
  BlkioDeviceWriteBps: null,
  BlkioDeviceReadIOps: null,
  BlkioDeviceWriteIOps: null,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: null,
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: false,
  PidsLimit: null,
  Ulimits: null,
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
}

/** Shown only when they were given. */
const OPTIONAL = ['Annotations', 'Init', 'Mounts', 'StorageOpt', 'Sysctls', 'Tmpfs'] as const

// Go's JSON decoder takes a null for a number, a text or a truth value as "not given".
function given(value: JsonValue | undefined, before: JsonValue): value is JsonValue {
  return value !== undefined && !(value === null && before !== null && typeof before !== 'object')
}

/** The `HostConfig` that inspect will show: what was asked for, and the defaults of this engine. */
export function hostConfigOf(asked: JsonObject, profile: Profile): JsonObject {
  const config: JsonObject = { ...DEFAULTS }
  for (const [key, before] of Object.entries(DEFAULTS)) {
    const value = asked[key]
    if (given(value, before)) config[key] = value
  }
  for (const key of OPTIONAL) {
    const value = asked[key]
    // `Init` is a pointer: its false is shown.
    if (value === false || (value !== undefined && !isZero(value))) config[key] = value
  }
  if (profile.kernelMemory) {
    delete config['Annotations'] // since API 1.43
    config['KernelMemory'] = asked['KernelMemory'] ?? 0
    config['KernelMemoryTCP'] = asked['KernelMemoryTCP'] ?? 0
  }
  if (profile.oldLibpod) {
    // It takes both and forgets them.
    delete config['Annotations']
    config['DeviceCgroupRules'] = null
  }
  const mode = config['NetworkMode']
  if (mode === '' || mode === 'default') config['NetworkMode'] = profile.networkMode
  config['RestartPolicy'] = policyOf(asked['RestartPolicy'], profile.restartPolicy)
  if (config['ShmSize'] === 0) config['ShmSize'] = DEFAULTS['ShmSize'] as number
  for (const key of ['CgroupnsMode', 'IpcMode', 'Runtime'] as const)
    if (config[key] === '') config[key] = DEFAULTS[key] as string
  if (textAt(config['LogConfig'] ?? null, 'Type') === '')
    config['LogConfig'] = DEFAULTS['LogConfig'] as object as JsonObject
  if (numberAt(config, 'Memory') > 0 && numberAt(config, 'MemorySwap') === 0)
    config['MemorySwap'] = doubled(config['Memory'] ?? 0)
  if (numberAt(config, 'PidsLimit') <= 0) config['PidsLimit'] = null
  if (isObject(config['PortBindings'])) config['PortBindings'] = bindingsOf(config['PortBindings'], profile)
  else if (profile.fillsBindings) config['PortBindings'] = {}
  return { ...config, ...security(asked, profile) }
}

export function policyOf(asked: JsonValue | undefined, none: string): JsonObject {
  const policy = isObject(asked) ? asked : {}
  const name = policy['Name']
  return {
    Name: typeof name === 'string' && name !== '' ? name : none,
    MaximumRetryCount: numberAt(policy, 'MaximumRetryCount'),
  }
}

// Beyond 64 bits it wraps around, as in Go.
function doubled(value: JsonValue): JsonValue {
  return typeof value === 'bigint' ? BigInt.asIntN(64, value * 2n) : Number(value) * 2
}

function security(asked: JsonObject, profile: Profile): JsonObject {
  const privileged = asked['Privileged'] === true
  const options = textsAt(asked, 'SecurityOpt')
  // moby daemon/create.go `generateSecurityOpt`
  const unlabelled = privileged || asked['IpcMode'] === 'host' || asked['PidMode'] === 'host'
  return {
    ...(unlabelled && !options.some((option) => /^label(?:[=:]|$)/.test(option))
      ? { SecurityOpt: [...options, 'label=disable'] }
      : {}),
    MaskedPaths: asked['MaskedPaths'] ?? (privileged ? null : [...profile.maskedPaths]),
    ReadonlyPaths: asked['ReadonlyPaths'] ?? (privileged ? null : READONLY),
  }
}

function bindingsOf(bindings: JsonObject, { fillsBindings }: Profile): JsonObject {
  return Object.fromEntries(
    Object.entries(bindings).map(([port, list]) => [
      port,
      fillsBindings && (!Array.isArray(list) || list.length === 0)
        ? [{ HostIp: '', HostPort: '' }]
        : Array.isArray(list)
          ? list.filter(isObject).map((one) => ({ HostIp: one['HostIp'] ?? '', HostPort: one['HostPort'] ?? '' }))
          : list,
    ]),
  )
}
