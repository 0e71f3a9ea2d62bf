import type { CallOptions, Wire } from '../wire/call.ts'
import { networkName } from '../wire/path.ts'
import type { Filters } from '../wire/query.ts'
import type { PruneOptions } from './prune-options.ts'
import type { Body } from './schema/body.ts'
import type { EndpointSettings } from './schema/endpoint.ts'
import * as schema from './schema/networks.ts'
import type { Network, NetworkCreateResponse, NetworkPruneResponse } from './schema/networks.ts'

export interface NetworkListOptions {
  readonly filters?: Filters | undefined
}

export interface NetworkInspectOptions {
  /** Tasks of services too, on a swarm. */
  readonly verbose?: boolean | undefined
  /** `local`, `swarm`, `global` */
  readonly scope?: string | undefined
}

/** Body of `POST /networks/create`, in the API's own words. */
export type NetworkCreateBody = Body<Omit<Network, 'Id' | 'Name' | 'Created' | 'Containers' | 'Peers' | 'Services'>> & {
  readonly Name: string
  /** Refuse a name that is taken; from API 1.44 on always so. */
  readonly CheckDuplicate?: boolean | undefined
}

export interface NetworkConnectBody {
  /** Id or name. */
  readonly Container: string
  /** Below API 1.54 its `MacAddress` is ignored. */
  readonly EndpointConfig?: Body<EndpointSettings> | undefined
}

export interface NetworkDisconnectBody {
  /** Id or name. */
  readonly Container: string
  readonly Force?: boolean | undefined
}

/** Networks of the engine. */
export class Networks {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** `GET /networks` */
  async list(options: NetworkListOptions = {}, call?: CallOptions): Promise<Network[]> {
    return this.#wire.json({ method: 'GET', path: '/networks', query: { ...options }, call }, schema.networks)
  }

  /** `GET /networks/{id}`, by id or name, which on dockerd may be any text. @throws ApiError `NOT_FOUND` */
  async inspect(id: string, options: NetworkInspectOptions = {}, call?: CallOptions): Promise<Network> {
    return this.#wire.json(
      { method: 'GET', path: `/networks/${networkName(id)}`, query: { ...options }, call },
      schema.network,
    )
  }

  /** `POST /networks/create`. @throws ApiError `CONFLICT` when the name is taken */
  async create(body: NetworkCreateBody, call?: CallOptions): Promise<NetworkCreateResponse> {
    return this.#wire.json({ method: 'POST', path: '/networks/create', json: body, call }, schema.networkCreateResponse)
  }

  /** `POST /networks/{id}/connect` */
  async connect(id: string, body: NetworkConnectBody, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'POST', path: `/networks/${networkName(id)}/connect`, json: body, call })
  }

  /** `POST /networks/{id}/disconnect` */
  async disconnect(id: string, body: NetworkDisconnectBody, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'POST', path: `/networks/${networkName(id)}/disconnect`, json: body, call })
  }

  /** `DELETE /networks/{id}`. @throws ApiError `FORBIDDEN` while containers use it */
  async remove(id: string, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'DELETE', path: `/networks/${networkName(id)}`, call })
  }

  /** `POST /networks/prune`: removes all that no container uses. */
  async prune(options: PruneOptions = {}, call?: CallOptions): Promise<NetworkPruneResponse> {
    return this.#wire.json(
      { method: 'POST', path: '/networks/prune', query: { ...options }, long: true, call },
      schema.networkPruneResponse,
    )
  }
}
