import type { CallOptions, Wire } from '../wire/call.ts'
import type { Body } from './schema/body.ts'
import * as schema from './schema/swarm.ts'
import type { Swarm as SwarmInspect, SwarmSpec, SwarmUnlockKey } from './schema/swarm.ts'

/** Body of `POST /swarm/init`. */
export interface SwarmInitBody {
  /** `address:port`, for instance `0.0.0.0:2377`. */
  readonly ListenAddr: string
  readonly AdvertiseAddr?: string | undefined
  readonly DataPathAddr?: string | undefined
  readonly DataPathPort?: number | undefined
  readonly DefaultAddrPool?: readonly string[] | undefined
  readonly SubnetSize?: number | undefined
  readonly ForceNewCluster?: boolean | undefined
  readonly Spec?: Body<SwarmSpec> | undefined
}

/** Body of `POST /swarm/join`. */
export interface SwarmJoinBody {
  readonly ListenAddr: string
  readonly AdvertiseAddr?: string | undefined
  readonly DataPathAddr?: string | undefined
  /** Managers. */
  readonly RemoteAddrs: readonly string[]
  readonly JoinToken: string
}

export interface SwarmLeaveOptions {
  /** Also as the last manager, which ends the swarm. */
  readonly force?: boolean | undefined
}

export interface SwarmUpdateOptions {
  /** `Version.Index` of the inspect that the change is based on. */
  readonly version: number
  readonly rotateWorkerToken?: boolean | undefined
  readonly rotateManagerToken?: boolean | undefined
  readonly rotateManagerUnlockKey?: boolean | undefined
}

/** The swarm of which the engine is a manager. Without one all answers are 503, from podman 404. */
export class Swarm {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** `GET /swarm`: join tokens too. */
  async inspect(call?: CallOptions): Promise<SwarmInspect> {
    return this.#wire.json({ method: 'GET', path: '/swarm', call }, schema.swarm)
  }

  /** `POST /swarm/init`: makes this engine the first manager; gives its node id. */
  async init(body: SwarmInitBody, call?: CallOptions): Promise<string> {
    return this.#wire.json({ method: 'POST', path: '/swarm/init', json: body, long: true, call }, schema.swarmNodeId)
  }

  /** `POST /swarm/join`. @throws ApiError 503 when it is in a swarm already */
  async join(body: SwarmJoinBody, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'POST', path: '/swarm/join', json: body, long: true, call })
  }

  /** `POST /swarm/leave`. @throws ApiError 503 for a manager without `force` */
  async leave(options: SwarmLeaveOptions = {}, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'POST', path: '/swarm/leave', query: { ...options }, long: true, call })
  }

  /** `POST /swarm/update`: the whole specification, as an inspect gave it. */
  async update(body: Body<SwarmSpec>, options: SwarmUpdateOptions, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'POST', path: '/swarm/update', query: { ...options }, json: body, call })
  }

  /** `GET /swarm/unlockkey` */
  async unlockkey(call?: CallOptions): Promise<SwarmUnlockKey> {
    return this.#wire.json({ method: 'GET', path: '/swarm/unlockkey', call }, schema.swarmUnlockKey)
  }

  /** `POST /swarm/unlock`: after a restart of a locked manager. */
  async unlock(body: SwarmUnlockKey, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'POST', path: '/swarm/unlock', json: body, call })
  }
}
