import type { CallOptions, Wire } from '../wire/call.ts'
import { path } from '../wire/path.ts'
import type { Filters } from '../wire/query.ts'
import type { PruneOptions } from './prune-options.ts'
import type { Body } from './schema/body.ts'
import * as schema from './schema/volumes.ts'
import type { ClusterVolumeSpec, Volume, VolumeList, VolumePruneResponse } from './schema/volumes.ts'

export interface VolumeListOptions {
  readonly filters?: Filters | undefined
}

/** Body of `POST /volumes/create`, in the API's own words. */
export interface VolumeCreateBody {
  /** Chosen by the engine when absent. */
  readonly Name?: string | undefined
  readonly Driver?: string | undefined
  readonly DriverOpts?: Readonly<Record<string, string>> | undefined
  readonly Labels?: Readonly<Record<string, string>> | undefined
  /** Of a volume of the whole swarm. Needs API 1.42. */
  readonly ClusterVolumeSpec?: Body<ClusterVolumeSpec> | undefined
}

/** Body of `PUT /volumes/{name}`: of a swarm's volume. Only `Availability` may change. */
export interface VolumeUpdateBody {
  readonly Spec: Body<ClusterVolumeSpec>
}

export interface VolumeUpdateOptions {
  /** `ClusterVolume.Version.Index` of the inspect that the change is based on. */
  readonly version: number
}

export interface VolumeRemoveOptions {
  readonly force?: boolean | undefined
}

/** Volumes of the engine. */
export class Volumes {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** `GET /volumes` */
  async list(options: VolumeListOptions = {}, call?: CallOptions): Promise<VolumeList> {
    return this.#wire.json({ method: 'GET', path: '/volumes', query: { ...options }, call }, schema.volumeList)
  }

  /** `POST /volumes/create`; creating one that exists with the same driver gives that one. */
  async create(body: VolumeCreateBody = {}, call?: CallOptions): Promise<Volume> {
    return this.#wire.json({ method: 'POST', path: '/volumes/create', json: body, call }, schema.volume)
  }

  /** `GET /volumes/{name}`. @throws ApiError `NOT_FOUND` */
  async inspect(name: string, call?: CallOptions): Promise<Volume> {
    return this.#wire.json({ method: 'GET', path: path`/volumes/${name}`, call }, schema.volume)
  }

  /** `DELETE /volumes/{name}`. @throws ApiError `CONFLICT` while a container uses it */
  async remove(name: string, options: VolumeRemoveOptions = {}, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'DELETE', path: path`/volumes/${name}`, query: { ...options }, call })
  }

  /** `PUT /volumes/{name}`, on a swarm. Needs API 1.42. */
  async update(name: string, body: VolumeUpdateBody, options: VolumeUpdateOptions, call?: CallOptions): Promise<void> {
    await this.#wire.none({
      method: 'PUT',
      path: path`/volumes/${name}`,
      query: { ...options },
      json: body,
      needs: ['update of a volume'],
      call,
    })
  }

  /**
   * `POST /volumes/prune`: removes anonymous volumes that no container uses, with the filter `all=true` the named ones
   * too. Below API 1.42 there is no such filter, and named ones always go.
   */
  async prune(options: PruneOptions = {}, call?: CallOptions): Promise<VolumePruneResponse> {
    return this.#wire.json(
      { method: 'POST', path: '/volumes/prune', query: { ...options }, long: true, call },
      schema.volumePruneResponse,
    )
  }
}
