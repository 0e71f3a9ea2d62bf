import { isObject, objectAt, textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import { atLeast } from '../../wire/version.ts'
import type { Call } from './call.ts'
import { mergedConfig } from './container-config.ts'
import { needContainer, type Container } from './container.ts'
import { checkHostConfig } from './create-checks.ts'
import { numberAt, textsAt } from './fields.ts'
import { endpointsOf } from './endpoints.ts'
import { emitContainer } from './events.ts'
import { expectHealth } from './health.ts'
import { hostConfigOf } from './host-config.ts'
import { needImage, shown, type StoredImage } from './image-store.ts'
import { mountsOf } from './mounts.ts'
import { reservePorts } from './ports.ts'
import { isSlim } from './profile.ts'
import { refuse, refuseIf } from './refusal.ts'
import { checkCreateBody } from './strict-body.ts'
import { newId, now, type World } from './world.ts'

const POLICIES: ReadonlySet<string> = new Set(['', 'no', 'always', 'unless-stopped', 'on-failure'])
const ADJECTIVES = ['admiring', 'brave', 'clever', 'dazzling', 'eager', 'focused', 'gallant', 'happy', 'jolly', 'keen']
const SURNAMES = ['albattani', 'bell', 'curie', 'darwin', 'euler', 'fermi', 'gauss', 'hopper', 'ishizaka', 'jepsen']

/** `POST /containers/create` */
export function createContainer(world: World, call: Call): Container {
  const { words, family } = world.profile
  const body = call.object()
  if (world.profile.strictBody) checkCreateBody(body)
  // At these versions a container-wide MAC address is ignored without a word.
  if (isSlim(world.profile, call.version)) delete body['MacAddress']
  const asked = isObject(body['HostConfig']) ? body['HostConfig'] : {}
  const wanted = call.query.get('name')?.replace(/^\//, '') ?? ''
  if (wanted !== '' && !nameIsValid(world, wanted)) refuse(words.badName(call.query.get('name') ?? ''))
  if (textAt(body, 'Image') === '') refuse(words.noCommand())
  const image = needImage(world, textAt(body, 'Image'), 'create')
  const config = mergedConfig(body, image.config)
  if (family === 'podman') takeHealthcheck(config, body['Healthcheck'])
  if (textsAt(config, 'Cmd').length + textsAt(config, 'Entrypoint').length === 0) refuse(words.noCommand())
  checkHostConfig(world, asked)
  const hostConfig = hostConfigOf(asked, world.profile)
  checkSysctls(world, hostConfig, call.version)
  // dockerd 20.10 fills the runtime in with the first host setting, or at the first start.
  if (world.profile.lazyRuntime && body['HostConfig'] === undefined) delete hostConfig['Runtime']
  checkPolicy(world, hostConfig)
  const mode = networkMode(world, hostConfig, textAt(body, 'Hostname'))
  const endpoints = endpointsOf(world, mode, body, call.version)
  if (family === 'podman') for (const name of endpoints.keys()) needPodmanNetwork(world, name)
  const links = linksOf(world, hostConfig)

  const id = newId(world, 'container')
  const name = wanted === '' ? freeName(world) : wanted
  const holder = world.state.names.get(name)
  if (holder !== undefined) refuse(words.nameTaken(name, holder))
  if (links.length > 0) hostConfig['Links'] = links.map(({ target, alias }) => `/${target}:/${name}/${alias}`)
  nameMac(world, config, endpoints, mode)
  const container: Container = {
    id,
    name,
    created: now(world),
    image: image.id,
    config: {
      ...config,
      Hostname: hostname(id, textAt(config, 'Hostname'), mode),
      Image: imageName(world, body, image),
    },
    hostConfig,
    mounts: mountsOf(world, config, hostConfig),
    endpoints,
    joined: mode.startsWith('container:') ? mode.slice('container:'.length) : undefined,
    status: 'created',
    isStopping: false,
    exitCode: 0,
    error: '',
    pid: 0,
    startedAt: undefined,
    finishedAt: undefined,
    restartCount: 0,
    run: 0,
    exits: 0,
    stoppedByHand: false,
    exitIsFinal: false,
    backoff: 0,
    health: undefined,
    ports: {},
    logs: [],
    stdin: { text: '', ended: false },
    files: new Map(),
    linkedAs: [],
    libpod: {},
  }
  if (family === 'podman') reservePorts(world, container)
  if (world.profile.healthAtCreate) expectHealth(container)
  for (const { target, alias } of links) needContainer(world, target).linkedAs.push(`/${name}/${alias}`)
  world.state.containers.set(id, container)
  world.state.names.set(name, id)
  emitContainer(world, container, 'create')
  return container
}

/** At least two characters for dockerd; podman takes one. */
export function nameIsValid({ profile }: World, name: string): boolean {
  return (profile.family === 'podman' ? /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/ : /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/).test(name)
}

const OF_INTERFACE = /^net\.\w+\.(?:conf|neigh|\w+)\.eth\d+\./

// Below that version the engine moves such a setting to the endpoint.
function checkSysctls({ profile }: World, hostConfig: JsonObject, version: string): void {
  const from = profile.endpointSysctlsFrom
  if (from === undefined || !atLeast(version, from)) return
  const name = Object.keys(objectAt(hostConfig, 'Sysctls')).find((sysctl) => OF_INTERFACE.test(sysctl))
  if (name !== undefined)
    refuse([
      500,
      `interface specific sysctl setting "${name}" must be supplied using driver option 'com.docker.network.endpoint.sysctls'`,
    ])
}

/** What a create call tells besides the id. */
export function createWarnings({ profile }: World, call: Call): string[] {
  const host = objectAt(call.object(), 'HostConfig')
  const empty = Object.entries(objectAt(host, 'PortBindings')).filter(
    ([, list]) => !Array.isArray(list) || list.length === 0,
  )
  const mode = textAt(host, 'NetworkMode')
  const onDefault = mode === '' || mode === 'default' || mode === profile.network
  return [
    ...(isSlim(profile, call.version) && empty.length > 0
      ? [
          `Following container port(s) have an empty list of port-bindings: ${empty.map(([port]) => port).join(', ')}. Such bindings will be discarded in a future version.`,
        ]
      : []),
    ...(profile.warnsOfLinks && onDefault && textsAt(host, 'Links').length > 0
      ? [
          'Links on the default bridge network are deprecated and will be removed in a future release. Use a custom network instead.',
        ]
      : []),
  ]
}

function checkPolicy({ profile }: World, hostConfig: JsonObject): void {
  const policy = hostConfig['RestartPolicy'] as JsonObject
  const name = textAt(policy, 'Name')
  if (!POLICIES.has(name)) refuse(profile.words.badPolicy(name))
  if (numberAt(policy, 'MaximumRetryCount') !== 0 && name !== 'on-failure') refuseIf(profile.words.badPolicyCount(name))
  if (hostConfig['AutoRemove'] === true && name !== '' && name !== 'no') refuse(profile.words.autoRemoveWithPolicy())
}

// podman merges no health checks: one of the request takes the place of the image's.
function takeHealthcheck(config: JsonObject, asked: JsonValue | undefined): void {
  if (!isObject(asked)) return
  if (textsAt(asked, 'Test').length === 0)
    refuse([500, 'fill out specgen: must define a healthcheck command for all healthchecks'])
  config['Healthcheck'] = asked
}

// The mode keeps the other container's id, so that its renaming does no harm.
function networkMode(world: World, hostConfig: JsonObject, askedHostname: string): string {
  const mode = textAt(hostConfig, 'NetworkMode')
  if (!mode.startsWith('container:')) return mode
  if (askedHostname !== '') refuseIf(world.profile.words.hostnameShared())
  const name = mode.slice('container:'.length)
  const target = world.state.containers.get(name)?.id ?? world.state.names.get(name)
  if (target === undefined && world.profile.family === 'podman')
    refuse([
      500,
      `container create: looking up container to share net namespace with: ${world.profile.words.noContainer(name)[1]}`,
    ])
  const joined = `container:${target ?? name}`
  hostConfig['NetworkMode'] = joined
  return joined
}

function needPodmanNetwork(world: World, name: string): void {
  if (name === 'host' || name === 'none' || [...world.state.networks.values()].some((network) => network.name === name))
    return
  const [, text] = world.profile.words.noNetwork(name)
  refuse([500, `container create: ${text}`])
}

function hostname(id: string, asked: string, mode: string): string {
  if (asked !== '') return asked
  return mode === 'host' ? 'model' : id.slice(0, 12)
}

function imageName(world: World, body: JsonObject, image: StoredImage): string {
  const asked = textAt(body, 'Image')
  if (world.profile.family === 'docker') return asked
  const tag = [...world.state.tags].find(([, id]) => id === image.id)?.[0]
  return /^(?:sha256:)?[0-9a-f]{12,64}$/.test(asked) && tag !== undefined ? tag : shown(world, qualified(asked))
}

function qualified(name: string): string {
  if (/^(?:sha256:)?[0-9a-f]{12,64}$/.test(name)) return name
  const host = /^(?:[^/]*[.:][^/]*|localhost)\//.test(name)
  const path = host ? name : `docker.io/${name.includes('/') ? '' : 'library/'}${name}`
  return /[:@][^/]*$/.test(path) ? path : `${path}:latest`
}

// From API 1.44 on the container-wide MAC address and that of its first endpoint are one.
function nameMac(world: World, config: JsonObject, endpoints: Container['endpoints'], mode: string): void {
  if (!world.profile.endpointMac) return
  if (world.profile.oldLibpod) return // podman 4 reads the address at the endpoint alone
  const main = endpoints.get(mode) ?? endpoints.get(world.profile.network)
  const mac = textAt(config, 'MacAddress')
  if (main === undefined) return
  if (world.profile.family === 'docker' && mac !== '' && main.wantedMac !== '' && mac !== main.wantedMac)
    refuse([
      400,
      'the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty',
    ])
  if (mac !== '' && main.wantedMac === '')
    for (const [name, endpoint] of endpoints)
      if (endpoint === main) endpoints.set(name, { ...main, wantedMac: mac, shownMac: mac })
  if (mac === '' && main.wantedMac !== '') config['MacAddress'] = main.wantedMac
}

function linksOf(world: World, hostConfig: JsonObject): { target: string; alias: string }[] {
  const links = textsAt(hostConfig, 'Links')
  if (links.length > 0 && world.profile.family === 'podman') refuse([400, 'bad parameter: link is not supported'])
  return links.map((link) => {
    const [name = '', alias = name] = link.startsWith('/')
      ? link.split(':').map((part) => part.split('/').at(-1) ?? '')
      : link.split(':')
    const target = world.state.names.get(name) ?? world.state.containers.get(name)?.id
    if (target === undefined) return refuse([400, `could not get container for ${name}: No such container: ${name}`])
    return { target: world.state.containers.get(target)?.name ?? name, alias }
  })
}

function freeName(world: World): string {
  for (let i = world.state.serial; ; i++) {
    const name = `${ADJECTIVES[i % 10]}_${SURNAMES[Math.floor(i / 10) % 10]}${i < 100 ? '' : i}`
    if (!world.state.names.has(name)) return name
  }
}
