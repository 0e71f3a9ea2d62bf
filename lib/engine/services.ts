import type { RegistryAuth } from '../base/registry-auth.ts'
import type { CallOptions, Operation, Wire } from '../wire/call.ts'
import { path } from '../wire/path.ts'
import type { Filters } from '../wire/query.ts'
import { authHeader } from './auth-header.ts'
import { logsQuery, type LogsOptions } from './container-io.ts'
import type { SwarmObjectUpdateOptions } from './nodes.ts'
import { OutputStream } from './output-stream.ts'
import type { Body } from './schema/body.ts'
import * as schema from './schema/services.ts'
import type { Service, ServiceCreateResponse, ServiceSpec, ServiceUpdateResponse } from './schema/services.ts'

export interface ServiceListOptions {
  /** `id`, `label`, `mode`, `name` */
  readonly filters?: Filters | undefined
  /** Numbers of tasks too. */
  readonly status?: boolean | undefined
}

/** Body of `POST /services/create` and `…/update`, in the API's own words. */
export type ServiceBody = Body<ServiceSpec> & { readonly Name: string }

export interface ServiceCreateOptions {
  /** Goes with the tasks to their nodes, for their pulls. */
  readonly auth?: RegistryAuth | undefined
}

export interface ServiceInspectOptions {
  /** What was left out at its creation, filled in. */
  readonly insertDefaults?: boolean | undefined
}

export interface ServiceUpdateOptions extends SwarmObjectUpdateOptions, ServiceCreateOptions {
  /** Whose credential is taken without `auth`. */
  readonly registryAuthFrom?: 'spec' | 'previous-spec' | undefined
  /** Goes back to the specification before; the body is then ignored. */
  readonly rollback?: 'previous' | undefined
}

/** Services of the swarm. */
export class Services {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** `GET /services` */
  async list(options: ServiceListOptions = {}, call?: CallOptions): Promise<Service[]> {
    return this.#wire.json({ method: 'GET', path: '/services', query: { ...options }, call }, schema.services)
  }

  /** `GET /services/{id}`, by id or name. @throws ApiError `NOT_FOUND` */
  async inspect(id: string, options: ServiceInspectOptions = {}, call?: CallOptions): Promise<Service> {
    return this.#wire.json({ method: 'GET', path: path`/services/${id}`, query: { ...options }, call }, schema.service)
  }

  /** `POST /services/create`. @throws ApiError `CONFLICT` when the name is taken */
  async create(
    body: ServiceBody,
    options: ServiceCreateOptions = {},
    call?: CallOptions,
  ): Promise<ServiceCreateResponse> {
    return this.#wire.json(
      { method: 'POST', path: '/services/create', headers: imageAuth(body, options.auth), json: body, call },
      schema.serviceCreateResponse,
    )
  }

  /** `POST /services/{id}/update`: the whole specification. */
  async update(
    id: string,
    body: ServiceBody,
    options: ServiceUpdateOptions,
    call?: CallOptions,
  ): Promise<ServiceUpdateResponse> {
    const { auth, ...query } = options
    return this.#wire.json(
      {
        method: 'POST',
        path: path`/services/${id}/update`,
        query,
        headers: imageAuth(body, auth),
        json: body,
        call,
      },
      schema.serviceUpdateResponse,
    )
  }

  /** `DELETE /services/{id}`; its containers end a little later. */
  async remove(id: string, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'DELETE', path: path`/services/${id}`, call })
  }

  /** `GET /services/{id}/logs`: of all its tasks; both streams unless told otherwise. */
  logs(id: string, options: LogsOptions = {}, call?: CallOptions): OutputStream {
    const isTty = async (): Promise<boolean> =>
      (await this.inspect(id, {}, { signal: call?.signal })).Spec.TaskTemplate.ContainerSpec?.TTY === true
    const operation = (): Operation => ({
      method: 'GET',
      path: path`/services/${id}/logs`,
      query: logsQuery(options),
      call,
    })
    return new OutputStream(this.#wire.frames(operation, isTty))
  }
}

// A credential is meant for the registry of the image, which has to be told.
function imageAuth(body: ServiceBody, auth: RegistryAuth | undefined): Record<string, string> {
  const image = body.TaskTemplate?.ContainerSpec?.Image
  return typeof image === 'string' ? authHeader(auth, image) : {}
}
