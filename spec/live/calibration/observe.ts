// What is seen of an engine after a call, without what differs from run to run.
import type { JsonObject, JsonValue } from '../../../lib/base/json.ts'
import { isObject, objectAt, textAt } from '../../../lib/base/json.ts'

/** Members that tell nothing: paths, numbers and names of the machine. */
const DROPPED = new Set([
  'Pid',
  'ResolvConfPath',
  'HostnamePath',
  'HostsPath',
  'LogPath',
  'GraphDriver',
  'SandboxID',
  'SandboxKey',
  'Bridge',
  'ProcessLabel',
  'AppArmorProfile',
  'MountLabel',
  'CgroupnsMode',
  'ExecIDs',
  'ContainerConfig',
  'DockerVersion',
  'Metadata',
  'Size',
  'VirtualSize',
  'OsVersion',
  'size',
  'DetachKeys',
  'IPPrefixLen',
])

// What an engine gives from its own pools; the networks of the script are in 10.213.
const PRIVATE = /\b(?:10\.\d+|172\.(?:1[6-9]|2\d|3[01])|192\.168)\.\d+\.\d+\b/g

/** A document with its ids, times, digests and addresses of the default network replaced by what they are. */
export function normal(value: JsonValue, hosts: Readonly<Record<string, string>>): JsonValue {
  if (Array.isArray(value)) {
    const items = value.map((item) => normal(item, hosts))
    // Mounts come in any order, names in that of the registries' ports.
    if (items.every((item) => isObject(item) && 'Destination' in item))
      return items.toSorted((a, b) => (textAt(a, 'Destination') < textAt(b, 'Destination') ? -1 : 1))
    const names = items.filter((item) => typeof item === 'string')
    return names.length === items.length && names[0]?.startsWith('{') === true ? names.toSorted() : items
  }
  if (isObject(value)) {
    const entries = Object.entries(value)
      .filter(([key]) => !DROPPED.has(key))
      .map(([key, member]): [string, JsonValue] => [
        text(key, hosts),
        key === 'HostPort' ? port(member) : normal(member, hosts),
      ])
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }
  return typeof value === 'string' ? text(value, hosts) : value
}

function port(value: JsonValue): JsonValue {
  return typeof value === 'string' && Number(value) > 30_000 ? '<port>' : value
}

function text(value: string, hosts: Readonly<Record<string, string>>): string {
  let plain = value
  for (const [name, host] of Object.entries(hosts)) plain = plain.replaceAll(host, `{${name}}`)
  return plain
    .replace(/\/\S*\/volumes\//g, '<root>/volumes/')
    .replace(/\b[0-9a-f]{64}\b/g, '<id>')
    .replace(/\b[0-9a-f]{12}\b/g, '<short id>')
    .replace(/^0001-01-01T00:00:00Z$/, '<never>')
    .replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/, '<time>')
    .replace(/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/, (mac) => (mac === '02:42:ac:11:00:99' ? mac : '<mac>'))
    .replace(PRIVATE, (address) => (address.startsWith('10.213.') ? address : '<address>'))
}

/** A container in short: what a replacement depends on. */
export function brief(inspect: JsonObject, hosts: Readonly<Record<string, string>>): JsonObject {
  const state = objectAt(inspect, 'State')
  const host = objectAt(inspect, 'HostConfig')
  const settings = objectAt(inspect, 'NetworkSettings')
  const config = objectAt(inspect, 'Config')
  const networks = Object.entries(objectAt(settings, 'Networks')).map(([name, endpoint]): [string, JsonValue] => [
    name,
    textAt(endpoint, 'IPAddress') === '' ? 'apart' : 'joined',
  ])
  const mounts = Array.isArray(inspect['Mounts']) ? inspect['Mounts'] : []
  return normal(
    {
      status: state['Status'] ?? '',
      exitCode: state['ExitCode'] ?? 0,
      failed: textAt(state, 'Error') !== '',
      health: textAt(objectAt(state, 'Health'), 'Status'),
      restarts: inspect['RestartCount'] ?? 0,
      policy: textAt(objectAt(host, 'RestartPolicy'), 'Name'),
      image: textAt(config, 'Image'),
      labels: config['Labels'] ?? null,
      networks: Object.fromEntries(networks),
      ports: settings['Ports'] ?? null,
      mounts: mounts.map((mount) => ({
        Destination: textAt(mount, 'Destination'),
        type: textAt(mount, 'Type'),
        name: textAt(mount, 'Name'),
        writable: isObject(mount) ? (mount['RW'] ?? null) : null,
      })),
    },
    hosts,
  ) as JsonObject
}
