import type { Clock, Env, Files, Random } from '../base/ports.ts'
import { systemClock, systemFiles, systemRandom } from '../base/system.ts'
import { createWire, type CallOptions } from '../wire/call.ts'
import { endpointUrl, type Endpoint, type TlsMaterial } from '../wire/endpoint.ts'
import { resolveEndpoint } from '../wire/resolve.ts'
import type { Transport } from '../wire/transport.ts'
import { undiciTransport, type UndiciTransportOptions } from '../wire/undici-transport.ts'
import type { Validation } from '../wire/validate.ts'
import { createNegotiator } from '../wire/version.ts'
import { checkConnectOptions } from './connect-options.ts'
import { Containers } from './containers.ts'
import { Distribution } from './distribution.ts'
import { Exec } from './exec.ts'
import { identifier } from './identity.ts'
import { Images } from './images.ts'
import { Networks } from './networks.ts'
import { Nodes } from './nodes.ts'
import { Plugins } from './plugins.ts'
import type { SystemInfo } from './schema/system-info.ts'
import type { PingResult, SystemVersion } from './schema/system.ts'
import { SecretStore } from './secrets.ts'
import { Services } from './services.ts'
import { Swarm } from './swarm.ts'
import { System } from './system.ts'
import { Tasks } from './tasks.ts'
import { Volumes } from './volumes.ts'

export interface ConnectOptions extends UndiciTransportOptions {
  /** `unix:///path`, `tcp://host:port`, `ssh://user@host`, `npipe:////./pipe/name`; wins over the environment. */
  readonly host?: string | undefined
  /** Name of a docker context; wins over the environment. */
  readonly context?: string | undefined
  /** For `host`: what TLS is made with, instead of the files in `DOCKER_CERT_PATH`. */
  readonly tls?: TlsMaterial | undefined
  /** Uses this API version as it is, without asking the engine; default `DOCKER_API_VERSION`, else what both sides speak. */
  readonly apiVersion?: string | undefined
  /** What to do with answers of another shape than expected; default `warn`. */
  readonly validate?: Validation | undefined
  /** Default `process.env`. */
  readonly env?: Env | undefined
  /** Default the machine's own. */
  readonly files?: Pick<Files, 'probe' | 'readText'> | undefined
  /** Default the machine's own: paces waits between tries. */
  readonly clock?: Clock | undefined
  readonly random?: Pick<Random, 'fraction'> | undefined
  /** Default undici over the endpoint. */
  readonly transport?: ((endpoint: Endpoint) => Transport) | undefined
}

/**
 * One engine. Close it when done, or hold it with `await using`.
 *
 * All operations of the Engine API are here but `POST /session` and `/grpc`, the transport of BuildKit, which the API
 * deprecates since 1.53.
 */
export interface Docker extends AsyncDisposable {
  /** Where the engine is, and what chose it. */
  readonly endpoint: Endpoint
  readonly containers: Containers
  readonly exec: Exec
  readonly images: Images
  readonly networks: Networks
  readonly volumes: Volumes
  readonly swarm: Swarm
  readonly nodes: Nodes
  readonly services: Services
  readonly tasks: Tasks
  readonly secrets: SecretStore
  readonly configs: SecretStore
  readonly plugins: Plugins
  readonly distribution: Distribution
  readonly system: System
  ping(call?: CallOptions): Promise<PingResult>
  version(call?: CallOptions): Promise<SystemVersion>
  info(call?: CallOptions): Promise<SystemInfo>
  /** The API version spoken; asks the engine once. */
  apiVersion(): Promise<string>
  /** Ends every call under way and closes all connections. */
  close(): Promise<void>
}

/**
 * Chooses an engine and gives a client for it. Nothing is sent yet: the first call negotiates the API version.
 *
 * @throws InputError `INPUT_INVALID` for a host that cannot be read, `CONFIG_INVALID` for a context or TLS material
 * @throws ConnectionError `ENGINE_UNREACHABLE`, `ENGINE_PERMISSION` when no host is named and no default socket can be used
 */
export async function connect(options: ConnectOptions = {}): Promise<Docker> {
  checkConnectOptions(options)
  const endpoint = await resolveEndpoint({
    host: options.host,
    context: options.context,
    tls: options.tls,
    env: options.env ?? process.env,
    files: options.files ?? systemFiles,
  })
  const transport = options.transport?.(endpoint) ?? undiciTransport(endpoint, options)
  const pinned = options.apiVersion ?? versionOf(options.env ?? process.env)
  const identity = identifier({ head: (operation) => wire.head(operation), json: (...asked) => wire.json(...asked) })
  const negotiator = createNegotiator(async () => (await identity()).newest, pinned)
  const wire = createWire({
    transport,
    negotiator,
    isPodman: async () => (await identity()).isPodman,
    endpoint: endpointUrl(endpoint),
    validate: options.validate ?? 'warn',
  })
  const clock = options.clock ?? systemClock
  const system = new System(wire, { clock, random: options.random ?? systemRandom })
  return {
    endpoint,
    containers: new Containers(wire),
    exec: new Exec(wire, clock),
    images: new Images(wire),
    networks: new Networks(wire),
    volumes: new Volumes(wire),
    swarm: new Swarm(wire),
    nodes: new Nodes(wire),
    services: new Services(wire),
    tasks: new Tasks(wire),
    secrets: new SecretStore(wire, 'secrets'),
    configs: new SecretStore(wire, 'configs'),
    plugins: new Plugins(wire),
    distribution: new Distribution(wire),
    system,
    ping: (call) => system.ping(call),
    version: (call) => system.version(call),
    info: (call) => system.info(call),
    apiVersion: () => negotiator.current(),
    close: () => transport.close(),
    [Symbol.asyncDispose]: () => transport.close(),
  }
}

function versionOf(env: Env): string | undefined {
  const version = env['DOCKER_API_VERSION']?.trim().replace(/^v/, '')
  return version === '' ? undefined : version
}
