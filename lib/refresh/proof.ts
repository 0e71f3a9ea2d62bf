import { canonicalJson, isObject, isZero, objectAt, textAt, type JsonObject, type JsonValue } from '../base/json.ts'
import type { ImageInspect } from '../engine/schema/images.ts'
import type { Seen } from './container.ts'
import { isMark } from './marks.ts'
import { expectedConfig, isReset } from './successor/expected.ts'
import { createDevice, createLink, createUlimit, userAnnotations } from './successor/host-config.ts'
import { isNetworkless, networksOf } from './successor/networking.ts'
import { isOfPodman, isUnseen, podmanHealthcheck, withoutRights } from './successor/podman.ts'
import { isNumeric, signalNumber } from './successor/signal.ts'
import type { Successor } from './successor/successor.ts'
import { bindDestinations, clean, imageTargets, mountsOf } from './successor/volumes.ts'

/** A setting of the new container that is not what the plan says. */
export interface Difference {
  /** For instance `HostConfig.Memory` or `Networks.backend.Aliases`. */
  readonly field: string
  readonly planned: string
  readonly found: string
}

export interface ProofInput {
  readonly plan: Pick<Successor, 'body' | 'later'>
  readonly old: Seen
  readonly created: Seen
  readonly newImage: ImageInspect
}

/**
 * Compares what the engine made with what was planned, before the old container is touched. An engine drops or rewrites
 * what it does not know in silence; whatever is not as planned refuses the replacement.
 */
export function proveSuccessor({ plan, old, created, newImage }: ProofInput): Difference[] {
  const differences: Difference[] = []
  const compare = (
    field: string,
    planned: JsonValue | undefined,
    found: JsonValue | undefined,
    same: boolean,
  ): void => {
    if (!same) differences.push({ field, planned: brief(planned), found: brief(found) })
  }
  compare('Image', newImage.Id, created.view.Image, created.view.Image === newImage.Id)

  const podman = isOfPodman(created.raw)
  const expected = expectedConfig(plan.body, newImage.Config, podman)
  const config = { ...objectAt(created.raw, 'Config') }
  if (podman) config['Healthcheck'] = podmanHealthcheck(config['Healthcheck'])
  if (podman && isNetworkless(textAt(objectAt(created.raw, 'HostConfig'), 'NetworkMode')))
    delete expected['ExposedPorts']
  config['Labels'] = withoutMarks(objectAt(config, 'Labels'))
  expected['Labels'] = withoutMarks(objectAt(expected, 'Labels'))
  for (const [member, planned] of Object.entries(expected)) {
    // Compared below: a MAC address, which goes with its endpoint, and a volume, which podman shows among the mounts alone.
    if (member === 'MacAddress' || member === 'Volumes') continue
    // Docker takes the image's for an empty one, podman takes it at its word.
    const literally = member === 'Cmd' && Array.isArray(plan.body['Cmd']) && isZero(plan.body['Cmd'])
    const same = alike(member, planned, config[member]) || (literally && isZero(config[member]))
    compare(`Config.${member}`, planned, config[member], same)
  }
  // Shown by no podman.
  const mac = textAt(plan.body, 'MacAddress')
  compare('Config.MacAddress', mac, config['MacAddress'], podman || mac === '' || mac === config['MacAddress'])
  const hostConfig = objectAt(created.raw, 'HostConfig')
  const images = imageTargets(mountsOf(created.raw))
  for (const [member, planned] of Object.entries(objectAt(plan.body, 'HostConfig'))) {
    if (podman && isUnseen(member, planned, hostConfig[member])) continue
    const shown = asCreated(member, planned, { hostConfig, expected, podman, images })
    const asked = podman ? asShown(member, planned) : planned
    compare(`HostConfig.${member}`, planned, shown, alike(member, asked, podman ? asShown(member, shown) : shown))
  }
  for (const [field, planned, found] of networkPairs(plan, created, podman))
    compare(field, planned, found, alike(field, planned, found))
  const covered = new Set(Object.keys(objectAt(hostConfig, 'Tmpfs')).map(clean))
  for (const destination of Object.keys(objectAt(expected, 'Volumes'))) {
    if (covered.has(clean(destination))) continue // a tmpfs is not among the mounts
    const mounted = mountsOf(created.raw).some((mount) => clean(textAt(mount, 'Destination')) === clean(destination))
    compare(`Config.Volumes["${destination}"]`, 'mounted', mounted ? 'mounted' : 'missing', mounted)
  }
  for (const [field, planned, found] of mountPairs(old, created))
    compare(field, planned, found, alike(field, planned, found))
  return differences
}

function asShown(member: string, value: JsonValue | undefined): JsonValue | undefined {
  return member === 'PortBindings' ? bound(value) : withoutRights(member, value)
}

function asCreated(
  member: string,
  planned: JsonValue,
  {
    hostConfig,
    expected,
    podman,
    images,
  }: { hostConfig: JsonObject; expected: JsonObject; podman: boolean; images: readonly string[] },
): JsonValue | undefined {
  const found = hostConfig[member]
  if (member === 'Binds') return ownBinds(planned, found, [...volumesIn(expected), ...images])
  if (member === 'PortBindings' && podman)
    return ownBindings(planned, found, hostConfig['PublishAllPorts'] === true ? expected : {})
  return AS_CREATED[member]?.(found) ?? found
}

// podman shows what it chose for `--publish-all` among the bindings, podman 4 also what is exposed and bound to nothing.
function ownBindings(planned: JsonValue, found: JsonValue | undefined, expected: JsonObject): JsonValue | undefined {
  const own = objectAt({ planned }, 'planned')
  const exposed = objectAt(expected, 'ExposedPorts')
  return bound(found, (port) => Object.hasOwn(own, port) || !Object.hasOwn(exposed, port))
}

function bound(bindings: JsonValue | undefined, counts: (port: string) => boolean = () => true): JsonValue | undefined {
  if (!isObject(bindings)) return bindings
  const ports = Object.entries(bindings).filter(([port, list]) => list !== null && counts(port))
  return ports.length === 0 ? null : Object.fromEntries(ports)
}

// Members that an inspect shows otherwise than a create takes them.
const AS_CREATED: Readonly<Record<string, (found: JsonValue | undefined) => JsonValue | undefined>> = {
  Annotations: (found) => (isObject(found) ? userAnnotations(found) : found),
  Devices: (found) => (Array.isArray(found) ? found.map(createDevice) : found),
  Links: (found) => (Array.isArray(found) ? found.map(createLink) : found),
  Ulimits: (found) => (Array.isArray(found) ? found.map(createUlimit) : found),
}

function volumesIn(expected: JsonObject): string[] {
  return Object.keys(objectAt(expected, 'Volumes')).map(clean)
}

// podman shows the volumes of the image among the binds, and what it mounts of other images.
function ownBinds(planned: JsonValue, found: JsonValue | undefined, others: readonly string[]): JsonValue {
  const own = new Set(bindDestinations({ Binds: planned }))
  const volumes = new Set(others)
  const binds = Array.isArray(found) ? found : []
  return binds.filter((bind) => bindDestinations({ Binds: [bind] }).every((at) => own.has(at) || !volumes.has(at)))
}

function withoutMarks(labels: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(labels).filter(([label]) => !isMark(label)))
}

type Pair = readonly [field: string, planned: JsonValue | undefined, found: JsonValue | undefined]

function* networkPairs(
  { body, later }: ProofInput['plan'],
  created: Seen,
  podman: boolean,
): Generator<Pair, void, undefined> {
  const planned = new Map<string, JsonObject>([
    ...Object.entries(objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig')).map(
      ([network, endpoint]) => [network, isObject(endpoint) ? endpoint : {}] as const,
    ),
    ...later.map(({ network, endpoint }) => [network, endpoint] as const),
  ])
  const found = networksOf(created.raw)
  for (const [network, endpoint] of planned) {
    const actual = objectAt(found, network)
    yield [`Networks.${network}`, 'connected', Object.hasOwn(found, network) ? 'connected' : 'missing']
    for (const member of ['IPAMConfig', 'Links', 'DriverOpts', 'GwPriority'] as const)
      // No inspect of podman shows an address that was asked for.
      if (!podman || member !== 'IPAMConfig') yield [`Networks.${network}.${member}`, endpoint[member], actual[member]]
    // Shown as asked for until the first start; podman's compatible inspect shows none at all.
    const mac = textAt(endpoint, 'MacAddress')
    const shown = textAt(actual, 'MacAddress')
    if (mac !== '' && !(podman && shown === ''))
      yield [`Networks.${network}.MacAddress`, mac.toLowerCase(), shown.toLowerCase()]
    // The engine adds names of its own.
    const aliases = Array.isArray(endpoint['Aliases']) ? endpoint['Aliases'] : []
    const present = new Set(Array.isArray(actual['Aliases']) ? actual['Aliases'] : [])
    yield [`Networks.${network}.Aliases`, aliases, aliases.filter((alias) => present.has(alias))]
  }
  if (isNetworkless(textAt(objectAt(body, 'HostConfig'), 'NetworkMode'))) return
  for (const network of Object.keys(found)) {
    if (!planned.has(network)) yield [`Networks.${network}`, 'absent', 'connected']
  }
}

function* mountPairs(old: Seen, created: Seen): Generator<Pair, void, undefined> {
  const found = new Map(mountsOf(created.raw).map((mount) => [clean(textAt(mount, 'Destination')), mount]))
  for (const mount of mountsOf(old.raw)) {
    const destination = clean(textAt(mount, 'Destination'))
    yield [`Mounts.${destination}`, essence(mount), essence(found.get(destination))]
  }
}

function essence(mount: JsonObject | undefined): JsonValue {
  if (mount === undefined) return 'missing'
  const { Type = '', Name = '', Source = '', RW = true } = mount
  // The reference is what was asked for; the source is where this engine unpacked it for this container.
  if (Type === 'image') return { Type, Name: Name === '' ? Source : Name, RW }
  return Type === 'volume' ? { Type, Name, RW } : { Type, Source, RW }
}

// Null means the engine's defaults, [] means none at all: for these members the two are worlds apart. So are a label
// that is empty and one that is not there.
const EXACT: ReadonlySet<string> = new Set(['MaskedPaths', 'ReadonlyPaths', 'Labels'])
const AS_SETS: ReadonlySet<string> = new Set(['MaskedPaths', 'ReadonlyPaths'])
const UNORDERED: ReadonlySet<string> = new Set(['Env', 'CapAdd', 'CapDrop', 'Ulimits', 'GroupAdd', 'Links', 'Binds'])

function alike(member: string, planned: JsonValue | undefined, found: JsonValue | undefined): boolean {
  // podman shows "bridge" for every network; the networks themselves are compared one by one.
  if (member === 'NetworkMode' && found === 'bridge') return typeof planned !== 'string' || !isNetworkless(planned)
  if (member === 'Entrypoint' && isReset(found)) return isZero(planned)
  if (member === 'StopSignal' && typeof found === 'string' && isNumeric(found))
    return signalNumber(found) === signalNumber(typeof planned === 'string' ? planned : '')
  if (member === 'WorkingDir' && found === '/') return planned === '/' || isZero(planned)
  // From 29 on an engine sorts what 28 shows in the order of its own.
  if (AS_SETS.has(member) && Array.isArray(planned) && Array.isArray(found)) return sorted(planned) === sorted(found)
  if (EXACT.has(member)) return canonicalJson(planned ?? null) === canonicalJson(found ?? null)
  return normal(member, planned) === normal(member, found)
}

function normal(member: string, value: JsonValue | undefined): string {
  const pruned = prune(value)
  if (UNORDERED.has(member)) return unordered(pruned)
  if (member === 'PortBindings' && isObject(pruned))
    return canonicalJson(Object.fromEntries(Object.entries(pruned).map(([port, list]) => [port, unordered(list)])))
  return canonicalJson(pruned)
}

function sorted(items: readonly JsonValue[]): string {
  return canonicalJson([...new Set(items.map((item) => canonicalJson(item)))].toSorted())
}

function unordered(value: JsonValue | undefined): string {
  if (!Array.isArray(value)) return canonicalJson(value)
  return value
    .map((item) => canonicalJson(item))
    .toSorted()
    .join('\n')
}

// Go prints some zero values and leaves out others, differently from version to version.
function prune(value: JsonValue | undefined): JsonValue | undefined {
  if (isZero(value)) return undefined
  if (Array.isArray(value)) return value.map((item) => prune(item) ?? null)
  if (!isObject(value)) return value
  const members = Object.entries(value).map(
    ([key, member]) => [key, isObject(member) && isZero(member) ? null : prune(member)] as const,
  )
  return Object.fromEntries(members.filter(([, member]) => member !== undefined)) as JsonObject
}

function brief(value: JsonValue | undefined): string {
  const text = canonicalJson(value)
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
