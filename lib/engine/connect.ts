import type { Clock, Env, Files, Random } from '../base/ports.ts'
import { systemClock, systemFiles, systemRandom } from '../base/system.ts'
import { createWire, type CallOptions } from '../wire/call.ts'
import { endpointUrl, resolveEndpoint, type Endpoint } from '../wire/endpoint.ts'
import type { Transport } from '../wire/transport.ts'
import { undiciTransport, type UndiciTransportOptions } from '../wire/undici-transport.ts'
import type { Validation } from '../wire/validate.ts'
import { createNegotiator } from '../wire/version.ts'
import { Containers } from './containers.ts'
import { Exec } from './exec.ts'
import { Images } from './images.ts'
import { Networks } from './networks.ts'
import type { PingResult, SystemInfo, SystemVersion } from './schema/system.ts'
import { System, ping } from './system.ts'
import { Volumes } from './volumes.ts'

export interface ConnectOptions extends UndiciTransportOptions {
  /** `unix:///path` or `tcp://host:port`; wins over `DOCKER_HOST` and the default sockets. */
  readonly host?: string | undefined
  /** Uses this API version as it is, without asking the engine. */
  readonly apiVersion?: string | undefined
  /** What to do with answers of another shape than expected; default `warn`. */
  readonly validate?: Validation | undefined
  /** Default `process.env`. */
  readonly env?: Env | undefined
  /** Default the machine's own. */
  readonly files?: Pick<Files, 'probe'> | undefined
  /** Default the machine's own: paces waits between tries. */
  readonly clock?: Clock | undefined
  readonly random?: Pick<Random, 'fraction'> | undefined
  /** Default undici over the endpoint. */
  readonly transport?: ((endpoint: Endpoint) => Transport) | undefined
}

/** One engine. Close it when done, or hold it with `await using`. */
export interface Docker extends AsyncDisposable {
  /** Where the engine is, and what chose it. */
  readonly endpoint: Endpoint
  readonly containers: Containers
  readonly exec: Exec
  readonly images: Images
  readonly networks: Networks
  readonly volumes: Volumes
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
 * @throws InputError `INPUT_INVALID` for a host that cannot be read
 * @throws ConnectionError `ENGINE_UNREACHABLE`, `ENGINE_PERMISSION` when no host is named and no default socket can be used
 */
export async function connect(options: ConnectOptions = {}): Promise<Docker> {
  const endpoint = await resolveEndpoint({
    host: options.host,
    env: options.env ?? process.env,
    files: options.files ?? systemFiles,
  })
  const transport = options.transport?.(endpoint) ?? undiciTransport(endpoint, options)
  const negotiator = createNegotiator(async () => (await ping(wire)).apiVersion, options.apiVersion)
  const wire = createWire({
    transport,
    negotiator,
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
    system,
    ping: (call) => system.ping(call),
    version: (call) => system.version(call),
    info: (call) => system.info(call),
    apiVersion: () => negotiator.current(),
    close: () => wire.close(),
    [Symbol.asyncDispose]: () => wire.close(),
  }
}
