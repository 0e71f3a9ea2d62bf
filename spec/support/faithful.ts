import { canonicalJson, isObject, isZero, objectAt, parseJson, printJson, textAt } from '../../lib/base/json.ts'
import type { JsonObject, JsonValue } from '../../lib/base/json.ts'

/** Raw inspects: of a container, of its successor, and of what the same create body makes on the new image. */
export interface Trio {
  readonly old: JsonObject
  readonly next: JsonObject
  readonly reference: JsonObject
  /** What was asked for, as one text: addresses that are not in there were drawn. */
  readonly asked?: string | undefined
}

/**
 * What is not with the successor as it ought to be. Judged without lib/refresh: the config must be that of a container
 * made afresh from the same body on the new image, all else that of the old container, to the last null, but for what
 * must differ.
 */
export function unfaithful({ old, next, reference, asked = '' }: Trio): string[] {
  const flat = (raw: JsonObject): ReadonlyMap<string, string> => flatten(settled(raw, old, asked))
  const [was, is, fresh] = [flat(old), flat(next), flat(reference)]
  const wrong: string[] = []
  for (const path of new Set([...was.keys(), ...is.keys(), ...fresh.keys()])) {
    if (MUST_DIFFER.some((pattern) => pattern.test(path))) continue
    const wanted = (FROM_IMAGE.test(path) || isNewMount(path, was, fresh) ? fresh : was).get(path)
    if (wanted !== is.get(path)) wrong.push(`${path}: ${is.get(path) ?? 'absent'} instead of ${wanted ?? 'absent'}`)
  }
  return wrong
}

// Ids and times; where the engine keeps things; what it made at this start; the image, which the caller knows; that there
// are no mounts, which each mount tells that is there.
const MUST_DIFFER: readonly RegExp[] = [
  /^Mounts$/,
  /^(?:Created|Image|ImageDigest|ImageManifestDescriptor|GraphDriver|RestartCount|ExecIDs)\b/,
  /^(?:LogPath|ResolvConfPath|HostnamePath|HostsPath)$/,
  /^State\.(?!Status|Running|Paused|Restarting|OOMKilled|Dead)/,
  /^NetworkSettings\.(?:Bridge|EndpointID|SandboxID|SandboxKey|IPAddress|MacAddress|GlobalIPv6Address)$/,
  /^NetworkSettings\.Networks\.[^/]+\/(?:EndpointID|GlobalIPv6Address)$/,
]

// What the image has a say in. A twin that never started does not tell the hostname of a shared network.
const FROM_IMAGE = /^(?:Config\.(?!Hostname|Domainname)|Path$|Args$)/

// A volume that only the new image declares.
function isNewMount(path: string, was: ReadonlyMap<string, string>, fresh: ReadonlyMap<string, string>): boolean {
  const [, mount] = /^(Mounts\..+\/)[^/]+$/.exec(path) ?? []
  return mount !== undefined && !was.has(`${mount}Type`) && fresh.has(`${mount}Type`)
}

/** An inspect in which a container's own names are words, and which tells nothing of chance. */
function settled(shown: JsonObject, old: JsonObject, asked: string): JsonObject {
  const raw = isOfPodman(shown) ? ofPodman(shown, old) : shown
  const id = textAt(raw, 'Id')
  const name = textAt(raw, 'Name').replace(/^\//, '')
  const text = printJson(raw)
    .replaceAll(id, '<id>')
    .replaceAll(id.slice(0, 12), '<short id>')
    .replaceAll(name, '<name>')
  const own = parseJson(text) as JsonObject
  const config = objectAt(own, 'Config')
  const hostConfig = objectAt(own, 'HostConfig')
  const network = objectAt(own, 'NetworkSettings')
  return {
    ...own,
    State: {
      ...objectAt(own, 'State'),
      Status: textAt(objectAt(own, 'State'), 'Status').replace(/^(?:exited|stopped)$/, 'created'),
    },
    Config: {
      ...config,
      Labels: unmarked(objectAt(config, 'Labels')),
      MacAddress: macOf(config, old, asked),
      // Where the image has one, [] would be seen as the image's.
      Entrypoint: isZero(config['Entrypoint']) ? null : (config['Entrypoint'] as JsonValue),
      Env: settledEnv(config['Env']),
    },
    // dockerd 20.10 fills in its default at the start only, when a container was created without any HostConfig.
    HostConfig: { Runtime: 'runc', ...withoutShared(withNames(withoutCarried(hostConfig, old), network)) },
    Mounts: byDestination(own, old),
    NetworkSettings: {
      ...(objectAt(own, 'State')['Running'] === true ? network : { ...network, Gateway: '', IPPrefixLen: 0 }),
      Networks: Object.fromEntries(
        Object.entries(objectAt(network, 'Networks')).map(([key, endpoint]) => [
          `${key}/`,
          chosen(endpoint, own, asked),
        ]),
      ),
      Ports: published(own),
    },
  }
}

function unmarked(labels: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(labels).filter(([label]) => !label.startsWith('dockline.')))
}

// Of a network that is named by its id moby tells none; an address that nobody asked for may be kept all the same.
function macOf(config: JsonObject, old: JsonObject, asked: string): JsonValue {
  const mac = textAt(config, 'MacAddress')
  const byId = /^[\da-f]{64}$/.test(textAt(objectAt(old, 'HostConfig'), 'NetworkMode'))
  return byId || !asked.includes(mac.toLowerCase()) ? null : mac === '' ? null : mac
}

// Anonymous volumes are named to the successor, or it would get new ones.
function withoutCarried({ Mounts, ...rest }: JsonObject, old: JsonObject): JsonObject {
  const stated = list(objectAt(old, 'HostConfig')['Mounts'])
  const mounts = list(Mounts).flatMap((mount) => {
    const asked = stated.find((one) => textAt(one, 'Target') === textAt(mount, 'Target'))
    const carried = list(old['Mounts']).some(
      (one) =>
        textAt(one, 'Destination') === textAt(mount, 'Target') && textAt(one, 'Name') === textAt(mount, 'Source'),
    )
    if (asked !== undefined && textAt(asked, 'Source') === '' && carried) return [asked]
    return asked === undefined && carried ? [] : [mount]
  })
  return mounts.length === 0 ? rest : { ...rest, Mounts: mounts }
}

// The size of a memory that is another's or not there is nobody's setting; podman refuses to take one.
function withoutShared(hostConfig: JsonObject): JsonObject {
  if (!/^(?:host$|none$|container:)/.test(textAt(hostConfig, 'IpcMode'))) return hostConfig
  return { ...hostConfig, ShmSize: null }
}

// A network may be named by its id.
function withNames(hostConfig: JsonObject, network: JsonObject): JsonObject {
  const mode = textAt(hostConfig, 'NetworkMode')
  const named = Object.entries(objectAt(network, 'Networks')).find(([, one]) => textAt(one, 'NetworkID') === mode)
  return named === undefined ? hostConfig : { ...hostConfig, NetworkMode: named[0] }
}

function isOfPodman(raw: JsonObject): boolean {
  return textAt(objectAt(raw, 'HostConfig'), 'Runtime') === 'oci'
}

// podman shows what it made itself among what was asked for: annotations, volumes among the binds, ports that come with
// --publish-all and what is bound to nothing among the bindings, and those among the exposed ones; a list of nothing once
// as null and once as [], and bindings in any order.
function ofPodman(raw: JsonObject, old: JsonObject): JsonObject {
  const config = objectAt(raw, 'Config')
  const hostConfig = objectAt(raw, 'HostConfig')
  const bindings = objectAt(hostConfig, 'PortBindings')
  const bound = new Set(Object.keys(objectAt(objectAt(old, 'HostConfig'), 'PortBindings')))
  const chosen = hostConfig['PublishAllPorts'] === true
  const own = Object.entries(objectAt(hostConfig, 'Annotations')).filter(([key]) => !OF_PODMAN.test(key))
  const before = new Set(list(old['Mounts']).map((mount) => textAt(mount, 'Destination')))
  const binds = texts(hostConfig['Binds']).filter((bind) => before.has(bind.split(':')[1] ?? ''))
  const members = Object.entries(hostConfig).map(
    ([key, value]) => [key, key.startsWith('Blkio') && isZero(value) ? null : value] as const,
  )
  return {
    ...raw,
    Config: {
      ...config,
      ExposedPorts: without(objectAt(config, 'ExposedPorts'), (port) => Object.hasOwn(bindings, port)),
    },
    HostConfig: {
      ...Object.fromEntries(members),
      Binds: binds.toSorted(),
      PortBindings: inOrder(without(bindings, (port) => bindings[port] === null || (chosen && !bound.has(port)))),
      Annotations: own.length === 0 ? null : Object.fromEntries(own),
    },
  }
}

function inOrder(ports: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(ports).map(([port, bindings]) => [port, list(bindings).toSorted(byText)]))
}

function byText(a: JsonValue, b: JsonValue): number {
  return canonicalJson(a) < canonicalJson(b) ? -1 : 1
}

function without(members: JsonObject, excluded: (key: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([key]) => !excluded(key)))
}

function texts(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

const OF_PODMAN =
  /^(?:io\.podman\.annotations\.|io\.container\.manager$|org\.opencontainers\.image\.stopSignal$|org\.systemd\.)/

// It shuffles the environment, and adds to it when it starts.
function settledEnv(env: JsonValue | undefined): JsonValue {
  if (!Array.isArray(env) || !env.includes('container=podman')) return env ?? null
  return texts(env)
    .filter((entry) => !/^(?:HOME|HOSTNAME)=/.test(entry))
    .toSorted((a, b) => (a < b ? -1 : 1))
}

function byDestination(own: JsonObject, old: JsonObject): JsonObject {
  const before = new Set(list(old['Mounts']).map((mount) => textAt(mount, 'Destination')))
  return Object.fromEntries(
    list(own['Mounts']).map((mount) => {
      const destination = textAt(mount, 'Destination')
      // The name of a volume tells which data is in it; one that the new image brought has a name of its own.
      const { Name = '', Source = '', Mode = '', ...rest } = mount
      const volume =
        textAt(mount, 'Type') === 'image'
          ? textAt({ Name }, 'Name') // each container has it unpacked at a place of its own
          : before.has(destination)
            ? `${textAt({ Name }, 'Name')} ${textAt({ Source }, 'Source')}`
            : 'a new one'
      // moby shows a mode for a volume that was named, and none for the same volume when it was not.
      return [`${destination}/`, { ...rest, Volume: volume, Mode: Mode === 'z' ? '' : Mode }]
    }),
  )
}

// Addresses count when somebody asked for them.
function chosen(endpoint: JsonValue | undefined, { Config, State }: JsonObject, asked: string): JsonValue {
  if (!isObject(endpoint)) return endpoint ?? null
  const next = { ...endpoint }
  if (textAt(objectAt(endpoint, 'IPAMConfig'), 'IPv4Address') === '') delete next['IPAddress']
  const mac = textAt(endpoint, 'MacAddress').toLowerCase()
  if (mac === '' || !asked.includes(mac)) delete next['MacAddress']
  if (isObject(State) && State['Running'] === true) return next
  delete next['MacAddress'] // of a stopped container empty, of a created one what was asked for
  // What is left of an earlier run, which the successor did not have.
  const { NetworkID: _, DNSNames: __, Gateway: ___, IPPrefixLen: ____, Aliases, ...rest } = next
  if (!Array.isArray(Aliases)) return { ...rest, Aliases: null }
  const id = Aliases.indexOf('<short id>')
  const hostname = textAt(Config ?? null, 'Hostname')
  const own = Aliases.filter((alias, i) => id < 0 || (i !== id && !(i > id && alias === hostname)))
  return { ...rest, Aliases: own.length === 0 ? null : own }
}

// Likewise port numbers: the engine chooses those that are empty, 0 or a range. What an image exposes is none.
function published(own: JsonObject): JsonObject {
  const bindings = objectAt(objectAt(own, 'HostConfig'), 'PortBindings')
  const all = Object.entries(objectAt(objectAt(own, 'NetworkSettings'), 'Ports'))
  return Object.fromEntries(
    all
      .filter(([port]) => Object.hasOwn(bindings, port))
      .map(([port, shown]) => {
        const fixed = list(bindings[port]).every((one) => /^[1-9]\d*$/.test(textAt(one, 'HostPort')))
        return [port, fixed ? list(shown).toSorted(byText) : list(shown).map((one) => ({ ...one, HostPort: 'any' }))]
      }),
  )
}

function list(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

// A list is one value: its order counts.
function flatten(value: JsonValue | undefined, path = '', into = new Map<string, string>()): Map<string, string> {
  if (!isObject(value) || Object.keys(value).length === 0) return into.set(path, canonicalJson(value))
  for (const [key, member] of Object.entries(value)) {
    flatten(member, path === '' || path.endsWith('/') ? path + key : `${path}.${key}`, into)
  }
  return into
}
