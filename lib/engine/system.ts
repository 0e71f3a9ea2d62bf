import type { CallOptions, Wire } from '../wire/call.ts'
import * as schema from './schema/system.ts'
import type { PingResult, SystemInfo, SystemVersion } from './schema/system.ts'

/** The engine itself. */
export class System {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** `GET /_ping` */
  ping(call?: CallOptions): Promise<PingResult> {
    return ping(this.#wire, call)
  }

  /** `GET /version` */
  version(call?: CallOptions): Promise<SystemVersion> {
    return this.#wire.json({ method: 'GET', path: '/version', call }, schema.systemVersion)
  }

  /** `GET /info` */
  info(call?: CallOptions): Promise<SystemInfo> {
    return this.#wire.json({ method: 'GET', path: '/info', call }, schema.systemInfo)
  }
}

/** `GET /_ping` without a version prefix: what version negotiation asks first. */
export async function ping(wire: Pick<Wire, 'head'>, call?: CallOptions): Promise<PingResult> {
  const { headers } = await wire.head({ method: 'GET', path: '/_ping', unversioned: true, call })
  return {
    apiVersion: headers['api-version'],
    osType: headers['ostype'],
    builderVersion: headers['builder-version'],
    swarm: headers['swarm'],
  }
}
