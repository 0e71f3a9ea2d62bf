import { isObject, textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import { networksJson } from './container-networks.ts'
import type { Container } from './container.ts'
import { numberAt, textsAt } from './fields.ts'
import { signalNumber } from './signals.ts'
import { findNetwork } from './networks.ts'
import type { World } from './world.ts'

/** podman restates a container in its own words: what dockerd repeats as it was asked, podman shows as it was done. */
export function podmanView(world: World, container: Container, inspect: JsonObject, version: string): JsonObject {
  const { ExecIDs, ...rest } = inspect
  const { GraphDriver: _, ...withoutDriver } = rest
  return {
    ...withoutDriver,
    ExecIDs: Array.isArray(ExecIDs) ? ExecIDs : [],
    SizeRootFs: 0,
    GraphDriver: { Data: {}, Name: world.profile.driver },
    Mounts: container.mounts.filter(({ Type }) => Type !== 'tmpfs').map((mount) => ({ ...mount })),
    HostConfig: hostConfig(world, container),
    Config: config(world, container),
    NetworkSettings: {
      ...(inspect['NetworkSettings'] as JsonObject),
      ...networkSettings(world, ownerOf(world, container), version),
    },
  }
}

const EMPTY_LISTS = [
  'CapAdd',
  'CapDrop',
  'Dns',
  'DnsOptions',
  'DnsSearch',
  'ExtraHosts',
  'GroupAdd',
  'SecurityOpt',
  'Devices',
]

function hostConfig({ profile }: World, container: Container): JsonObject {
  const asked = container.hostConfig
  const shown: JsonObject = { ...asked }
  for (const key of EMPTY_LISTS) shown[key] = asked[key] ?? []
  delete shown['Mounts']
  delete shown['Sysctls']
  if (Array.isArray(asked['Devices'])) shown['Devices'] = asked['Devices'].map(withoutRights)
  const mode = textAt(asked, 'NetworkMode')
  const known = mode === 'host' || mode === 'none' || mode.startsWith('container:')
  return {
    ...shown,
    Binds: container.mounts.filter(({ Type }) => Type !== 'tmpfs').map(bindText),
    NetworkMode: known ? mode : 'bridge',
    PortBindings: profile.bindsExposed ? ports(container) : (asked['PortBindings'] ?? {}),
    ConsoleSize: [0, 0],
    CgroupnsMode: profile.oldLibpod ? '' : 'host',
    // podman 4 says so of every container.
    IpcMode: !profile.oldLibpod && textAt(asked, 'IpcMode') === 'host' ? 'host' : 'shareable',
    DeviceCgroupRules: null,
    PidMode: textAt(asked, 'PidMode') || 'private',
    UTSMode: textAt(asked, 'UTSMode') || 'private',
    Runtime: 'oci',
    ShmSize: asked['ShmSize'] === 67_108_864 ? 65_536_000 : (asked['ShmSize'] ?? 65_536_000),
    PidsLimit: asked['PidsLimit'] ?? 2048,
    MemorySwappiness: swappiness(asked),
    LogConfig: { Type: 'json-file', Config: null },
    Ulimits: asked['Ulimits'] ?? [],
    VolumesFrom: asked['VolumesFrom'] ?? null,
    MaskedPaths: null,
    ReadonlyPaths: null,
    ...(asked['Privileged'] === true ? { SecurityOpt: ['unmask=all'] } : {}),
  }
}

function withoutRights(device: JsonValue): JsonValue {
  return isObject(device) ? { ...device, CgroupPermissions: '' } : device
}

// 0 where nothing is set of the memory, -1 where something else is.
function swappiness(asked: JsonObject): JsonValue {
  const { MemorySwappiness: own = null } = asked
  if (own !== null && own !== -1) return own
  const set = ['Memory', 'MemoryReservation', 'MemorySwap'].some((key) => numberAt(asked, key) !== 0)
  return set || asked['OomKillDisable'] === true ? -1 : 0
}

// The ports that are published, and with null those that are exposed only.
function ports({ config: { ExposedPorts }, hostConfig: { PortBindings } }: Container): JsonObject {
  const exposed = isObject(ExposedPorts)
    ? Object.keys(ExposedPorts).map((port): [string, JsonValue] => [port, null])
    : []
  return { ...Object.fromEntries(exposed), ...(isObject(PortBindings) ? PortBindings : {}) }
}

function bindText({ Type, Name, Source, Destination, RW }: Container['mounts'][number]): string {
  const options = Type === 'bind' ? 'rprivate,rbind' : 'rprivate,nosuid,nodev,rbind'
  return `${Type === 'bind' ? Source : Name}:${Destination}:${RW ? '' : 'ro,'}${options}`
}

function config({ profile }: World, container: Container): JsonObject {
  const { config: asked, id } = container
  const { MacAddress: _, Shell: __, ...shown } = asked
  const env = textsAt(asked, 'Env')
  const names = new Set(env.map(nameOf))
  return {
    ...shown,
    Env: [...profile.env.filter((entry) => !names.has(nameOf(entry))), ...env, ...addedEnv(profile, container, names)],
    Entrypoint: asked['Entrypoint'] ?? [],
    Volumes: null,
    WorkingDir: textAt(asked, 'WorkingDir') || '/',
    Hostname: textAt(asked, 'Hostname') || id.slice(0, 12),
    StopSignal: String(signalNumber(textAt(asked, 'StopSignal')) ?? 15),
    StopTimeout: asked['StopTimeout'] ?? profile.stopTimeout,
    ...(isObject(asked['Healthcheck']) ? { Healthcheck: healthcheck(asked['Healthcheck']) } : {}),
  }
}

// What podman adds at a start, behind all that was asked for.
function addedEnv(
  { oldLibpod }: World['profile'],
  { run, config: asked, id }: Container,
  names: Set<string>,
): string[] {
  if (run === 0) return []
  const isRoot = ['', '0', 'root'].includes(textAt(asked, 'User').split(':', 1)[0] ?? '')
  const home = isRoot ? '/root' : textAt(asked, 'WorkingDir') || '/'
  const added = [...(oldLibpod ? [] : [`HOME=${home}`]), `HOSTNAME=${textAt(asked, 'Hostname') || id.slice(0, 12)}`]
  return added.filter((entry) => !names.has(nameOf(entry)))
}

function nameOf(entry: string): string {
  return entry.split('=', 1)[0] ?? ''
}

function healthcheck(asked: JsonObject): JsonObject {
  const seconds = (key: string, otherwise: number): JsonValue =>
    numberAt(asked, key) === 0 ? otherwise * 1e9 : (asked[key] ?? 0)
  return {
    ...asked,
    Interval: seconds('Interval', 30),
    Timeout: seconds('Timeout', 30),
    Retries: numberAt(asked, 'Retries') || 3,
  }
}

// Who lives in the network of another one is shown with that one's.
function ownerOf(world: World, container: Container): Container {
  return world.state.containers.get(container.joined ?? '') ?? container
}

function networkSettings(world: World, owner: Container, version: string): JsonObject {
  const shown = Object.entries(networksJson(world, owner, version)).map(([name, endpoint]): [string, JsonValue] => [
    name,
    isObject(endpoint)
      ? {
          ...endpoint,
          Aliases: name === 'host' || name === 'none' ? null : aliases(owner, name),
          NetworkID: findNetwork(world, name)?.id ?? name,
        }
      : endpoint,
  ])
  return {
    Ports: ports(owner),
    SandboxID: '',
    EndpointID: '',
    Gateway: '',
    IPAddress: '',
    IPPrefixLen: 0,
    MacAddress: '',
    Networks: Object.fromEntries(shown),
  }
}

function aliases({ endpoints, id, config: { Hostname } }: Container, name: string): string[] {
  const own = endpoints.get(name)?.aliases ?? []
  return [...new Set([...own, id.slice(0, 12), typeof Hostname === 'string' ? Hostname : ''])].filter(
    (alias) => alias !== '',
  )
}
