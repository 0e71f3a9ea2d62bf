import { reveal, type Secret } from '../base/secret.ts'
import type { CallOptions, Wire } from '../wire/call.ts'
import { needs } from '../wire/gates.ts'
import {
  events,
  watchEvents,
  type EventsOptions,
  type WatchItem,
  type WatchOptions,
  type WatchPorts,
} from './events.ts'
import { diskUsage, type DiskUsage } from './schema/disk-usage.ts'
import type { EngineEvent } from './schema/events.ts'
import { systemInfo, type SystemInfo } from './schema/system-info.ts'
import * as schema from './schema/system.ts'
import type { AuthResponse, PingResult, SystemVersion } from './schema/system.ts'

/** Body of `POST /auth`. */
export interface AuthBody {
  readonly username: string
  readonly password: string | Secret
  /** The registry, for instance `https://index.docker.io/v1/` or `ghcr.io`. */
  readonly serveraddress: string
  /** Of a registry of version 1; read by nobody since. */
  readonly email?: string | undefined
}

export interface DiskUsageOptions {
  /** Only these; default all. Needs API 1.42. */
  readonly type?: readonly ('container' | 'image' | 'volume' | 'build-cache')[] | undefined
  /** Each object and not only the sums. Needs API 1.52, below which they always come. */
  readonly verbose?: boolean | undefined
}

/** The engine itself. */
export class System {
  readonly #wire: Wire
  readonly #ports: WatchPorts

  constructor(wire: Wire, ports: WatchPorts) {
    this.#wire = wire
    this.#ports = ports
  }

  /** `GET /_ping` */
  async ping(call?: CallOptions): Promise<PingResult> {
    return ping(this.#wire, 'GET', call)
  }

  /** `HEAD /_ping`, for proxies that pass nothing else. */
  async pingHead(call?: CallOptions): Promise<PingResult> {
    return ping(this.#wire, 'HEAD', call)
  }

  /** `GET /version` */
  async version(call?: CallOptions): Promise<SystemVersion> {
    return this.#wire.json({ method: 'GET', path: '/version', call }, schema.systemVersion)
  }

  /** `GET /info` */
  async info(call?: CallOptions): Promise<SystemInfo> {
    return this.#wire.json({ method: 'GET', path: '/info', call }, systemInfo)
  }

  /** `POST /auth`: has the engine try a login. @throws ApiError `UNAUTHORIZED`, on some engines `ENGINE_ERROR` */
  async auth(body: AuthBody, call?: CallOptions): Promise<AuthResponse> {
    const json = { ...body, password: reveal(body.password) }
    return this.#wire.json({ method: 'POST', path: '/auth', json, call }, schema.authResponse)
  }

  /** `GET /system/df`; the engine may take long to add it up. */
  async df(options: DiskUsageOptions = {}, call?: CallOptions): Promise<DiskUsage> {
    const gated = needs({ 'types of a disk usage report': options.type, 'verbose disk usage report': options.verbose })
    return this.#wire.json(
      { method: 'GET', path: '/system/df', query: { ...options }, needs: gated, long: true, call },
      diskUsage,
    )
  }

  /** `GET /events`: one connection, which ends when the engine or a proxy ends it. See `watch` for one that lasts. */
  events(options: EventsOptions = {}, call?: CallOptions): AsyncGenerator<EngineEvent, void, undefined> {
    return events(this.#wire, options, call, this.#ports.clock)
  }

  /**
   * Events for weeks: reconnects after every cut, tells nothing twice, and says by an item `{ type: 'resync' }` where
   * something may be missing, which is also the first item: list what is of interest there.
   *
   * @throws ConnectionError when the first connection fails; AbortedError when the signal fires
   */
  watch(options: WatchOptions = {}, call: CallOptions = {}): AsyncGenerator<WatchItem, void, undefined> {
    return watchEvents(this.#wire, options, call, this.#ports)
  }
}

/** `_ping` without a version prefix: what version negotiation asks first. */
export async function ping(
  wire: Pick<Wire, 'head'>,
  method: 'GET' | 'HEAD' = 'GET',
  call?: CallOptions,
): Promise<PingResult> {
  const { headers } = await wire.head({ method, path: '/_ping', unversioned: true, call })
  return {
    apiVersion: headers['api-version'],
    osType: headers['ostype'],
    builderVersion: headers['builder-version'],
    swarm: headers['swarm'],
  }
}
