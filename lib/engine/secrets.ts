import type { CallOptions, Wire } from '../wire/call.ts'
import { path } from '../wire/path.ts'
import type { Filters } from '../wire/query.ts'
import type { SwarmObjectUpdateOptions } from './nodes.ts'
import type { Body } from './schema/body.ts'
import * as schema from './schema/secrets.ts'
import type { SecretInspect, SecretSpec } from './schema/secrets.ts'
import { swarmCreateResponse, type SwarmCreateResponse } from './schema/swarm-object.ts'

export interface SecretListOptions {
  /** `id`, `label`, `name`, `names` */
  readonly filters?: Filters | undefined
}

/** Body of `POST /secrets/create` and `/configs/create`; `Data` in base64. */
export type SecretBody = Body<SecretSpec> & { readonly Name: string }

/** Secrets and configs of the swarm, which differ by their place alone: a config's data can be read back. */
export class SecretStore {
  readonly #wire: Wire
  readonly #kind: 'secrets' | 'configs'

  constructor(wire: Wire, kind: 'secrets' | 'configs') {
    this.#wire = wire
    this.#kind = kind
  }

  /** `GET /secrets`, `GET /configs` */
  async list(options: SecretListOptions = {}, call?: CallOptions): Promise<SecretInspect[]> {
    return this.#wire.json({ method: 'GET', path: `/${this.#kind}`, query: { ...options }, call }, schema.secrets)
  }

  /** `POST /secrets/create`, `POST /configs/create`. @throws ApiError `CONFLICT` when the name is taken */
  async create(body: SecretBody, call?: CallOptions): Promise<SwarmCreateResponse> {
    return this.#wire.json({ method: 'POST', path: `/${this.#kind}/create`, json: body, call }, swarmCreateResponse)
  }

  /** `GET /secrets/{id}`, `GET /configs/{id}`, by id or name. @throws ApiError `NOT_FOUND` */
  async inspect(id: string, call?: CallOptions): Promise<SecretInspect> {
    return this.#wire.json({ method: 'GET', path: this.#path(path`/${id}`), call }, schema.secret)
  }

  /** `POST /secrets/{id}/update`, `POST /configs/{id}/update`: only labels can change. */
  async update(
    id: string,
    body: Body<SecretSpec>,
    options: SwarmObjectUpdateOptions,
    call?: CallOptions,
  ): Promise<void> {
    const operation = { method: 'POST', path: this.#path(path`/${id}/update`), json: body } as const
    await this.#wire.none({ ...operation, query: { ...options }, call })
  }

  /** `DELETE /secrets/{id}`, `DELETE /configs/{id}`. @throws ApiError `BAD_REQUEST` while a service uses it */
  async remove(id: string, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'DELETE', path: this.#path(path`/${id}`), call })
  }

  #path(rest: string): string {
    return `/${this.#kind}${rest}`
  }
}
