import { isObject, isZero, textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import { textsAt } from './fields.ts'

/** Settings that an image never has; engines up to 26 showed them in images all the same. */
export const ONLY_OF_CONTAINERS: JsonObject = {
  Hostname: '',
  Domainname: '',
  User: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
}
const DEFAULTS: JsonObject = {
  ...ONLY_OF_CONTAINERS,
  Env: null,
  Cmd: null,
  Image: '',
  Volumes: null,
  WorkingDir: '',
  Entrypoint: null,
  OnBuild: null,
  Labels: null,
}
const OPTIONAL = [
  'ArgsEscaped',
  'ExposedPorts',
  'Healthcheck',
  'MacAddress',
  'NetworkDisabled',
  'Shell',
  'StopSignal',
  'StopTimeout',
]

/** What a container inherits from its image (moby daemon/commit.go, `merge`). */
export function mergedConfig(asked: JsonObject, image: JsonObject): JsonObject {
  const config: JsonObject = { ...DEFAULTS }
  for (const [key, before] of Object.entries(DEFAULTS)) {
    const value = asked[key]
    if (value !== undefined && !(value === null && before !== null)) config[key] = value
  }
  for (const key of OPTIONAL) if (isGiven(asked[key])) config[key] = asked[key] as JsonValue
  for (const key of ['User', 'WorkingDir', 'StopSignal'])
    if (textAt(config, key) === '' && textAt(image, key) !== '') config[key] = textAt(image, key)
  mergeMap(config, image, 'ExposedPorts')
  mergeMap(config, image, 'Volumes')
  if (isZero(config['Volumes'])) config['Volumes'] = image['Volumes'] ?? null
  config['Env'] = mergedEnv(asked, image)
  config['Labels'] = { ...objectOf(image['Labels']), ...objectOf(asked['Labels']) }
  mergeCommand(config, image)
  mergeHealthcheck(config, image['Healthcheck'])
  return config
}

// An entry without a value, `A`, takes one from nowhere and stays; the image's entries follow the user's.
function mergedEnv(asked: JsonObject, image: JsonObject): JsonValue {
  const own = textsAt(asked, 'Env')
  if (own.length === 0) return image['Env'] ?? null
  const keys = new Set(own.map(keyOf))
  return [...own, ...textsAt(image, 'Env').filter((entry) => !keys.has(keyOf(entry)))]
}

function keyOf(entry: string): string {
  return entry.split('=')[0] ?? ''
}

// Entrypoint and command are a pair: the image's command belongs to the image's entrypoint only.
function mergeCommand(config: JsonObject, image: JsonObject): void {
  if (textsAt(config, 'Entrypoint').length > 0) return
  if (textsAt(config, 'Cmd').length === 0) config['Cmd'] = image['Cmd'] ?? config['Cmd'] ?? null
  if (config['Entrypoint'] === null) config['Entrypoint'] = image['Entrypoint'] ?? null
}

function mergeHealthcheck(config: JsonObject, inherited: JsonValue | undefined): void {
  if (!isObject(inherited)) return
  const own = objectOf(config['Healthcheck'])
  const merged = {
    ...inherited,
    ...Object.fromEntries(Object.entries(own).filter(([, value]) => isGiven(value) && value !== 0)),
  }
  const test = own['Test']
  config['Healthcheck'] =
    Array.isArray(test) && test.length > 0 ? merged : { ...merged, Test: inherited['Test'] ?? null }
}

function mergeMap(config: JsonObject, image: JsonObject, key: string): void {
  const inherited = objectOf(image[key])
  if (Object.keys(inherited).length > 0) config[key] = { ...objectOf(config[key]), ...inherited }
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {}
}

// What Go's `omitempty` leaves out; a stop timeout is a pointer, so that its 0 is shown.
function isGiven(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false) return false
  if (Array.isArray(value)) return value.length > 0
  return !isObject(value) || Object.keys(value).length > 0
}
