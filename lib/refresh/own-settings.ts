// What of a container's settings decides how its program runs: by it a failure of one is told from a failure of its image.
import { canonicalJson, isObject, objectAt, type JsonObject, type JsonValue } from '../base/json.ts'
import type { Seen } from './container.ts'

const OF_CONFIG = ['Cmd', 'Entrypoint', 'User', 'WorkingDir', 'Healthcheck', 'StopSignal', 'Shell', 'Tty', 'OpenStdin']
const OF_HOST = [
  'Privileged',
  'ReadonlyRootfs',
  'CapAdd',
  'CapDrop',
  'SecurityOpt',
  'Memory',
  'NanoCpus',
  'CpuQuota',
  'PidsLimit',
  'ShmSize',
  'Ulimits',
  'Sysctls',
  'Tmpfs',
  'Devices',
  'DeviceRequests',
  'Runtime',
  'UsernsMode',
  'Init',
]
const OF_LABELS = ['dockline.probe', 'dockline.hook.pre-stop', 'dockline.hook.post-start']

/**
 * The settings as a text: equal for containers that a new image would serve or fail alike. Names, addresses, published
 * ports and the values of the environment are left out, for those are what tells replicas apart.
 */
export function ownSettings(containers: readonly Seen[]): string {
  return canonicalJson(containers.map(settingsOf))
}

function settingsOf({ raw, view }: Seen): JsonObject {
  const config = objectAt(raw, 'Config')
  return {
    config: pick(config, OF_CONFIG),
    host: unordered(pick(objectAt(raw, 'HostConfig'), OF_HOST)),
    labels: pick(objectAt(config, 'Labels'), OF_LABELS),
    env: namesOf(config['Env']),
    mounts: view.Mounts.map(({ Type, Destination, RW }) => `${Type} ${Destination} ${RW}`).toSorted(),
    network: ['host', 'none'].includes(view.HostConfig.NetworkMode) ? view.HostConfig.NetworkMode : '',
  }
}

function pick(from: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.flatMap((key) => (isEmpty(from[key]) ? [] : [[key, from[key] as JsonValue]])))
}

// podman lists capabilities and limits in another order each time.
function unordered(settings: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.map((item) => canonicalJson(item)).toSorted() : value,
    ]),
  )
}

// Engines write what was not set as null, zero or nothing.
function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true
  if (Array.isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}

function namesOf(env: JsonValue | undefined): string[] {
  const entries = Array.isArray(env) ? env : []
  return entries.flatMap((entry) => (typeof entry === 'string' ? (entry.split('=')[0] ?? []) : [])).toSorted()
}
