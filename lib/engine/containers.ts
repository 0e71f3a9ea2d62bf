import { isObject, objectAt, type JsonObject } from '../base/json.ts'
import type { CallOptions, Operation } from '../wire/call.ts'
import { needs } from '../wire/gates.ts'
import { givenName, path } from '../wire/path.ts'
import type { Filters } from '../wire/query.ts'
import { ContainerFiles } from './container-files.ts'
import { STARTING } from './container-run.ts'
import { platformText } from './platform.ts'
import type { PruneOptions } from './prune-options.ts'
import type { ContainerCreateBody, ContainerUpdateBody, RawCreateBody } from './schema/container-create.ts'
import { containerInspect, type ContainerInspect } from './schema/container-inspect.ts'
import * as schema from './schema/containers.ts'
import type {
  ContainerChange,
  ContainerCreateResponse,
  ContainerPruneResponse,
  ContainerSummary,
  ContainerTop,
  ContainerUpdateResponse,
} from './schema/containers.ts'
import { libpodContainer, type LibpodContainer } from './schema/libpod-container.ts'
import { jsonObject } from './schema/shape.ts'

export type { ContainerCreateBody, ContainerUpdateBody, RawCreateBody } from './schema/container-create.ts'

export interface ContainerListOptions {
  /** Stopped ones too. */
  readonly all?: boolean | undefined
  readonly limit?: number | undefined
  /** `SizeRw` and `SizeRootFs` too, which takes the engine long. */
  readonly size?: boolean | undefined
  /** `name` is an unanchored regular expression, `status` implies `all`. */
  readonly filters?: Filters | undefined
}

export interface ContainerCreateOptions {
  /** Without leading slash; chosen by the engine when absent. */
  readonly name?: string | undefined
  /** `os/arch[/variant]`. Needs API 1.41. */
  readonly platform?: string | undefined
}

export interface ContainerInspectOptions {
  /** `SizeRw` and `SizeRootFs` too, which takes the engine long. */
  readonly size?: boolean | undefined
  /** Asks in this version of the API, for what a later one does not show; default the one agreed on. */
  readonly apiVersion?: string | undefined
}

export interface ContainerRemoveOptions {
  /** Anonymous volumes too. */
  readonly v?: boolean | undefined
  readonly force?: boolean | undefined
  readonly link?: boolean | undefined
}

export interface ContainerTopOptions {
  /** Arguments of the host's `ps`; default `-ef`. */
  readonly psArgs?: string | undefined
}

/** Containers of the engine. Ids and names are checked before anything is sent. */
export class Containers extends ContainerFiles {
  /** `GET /containers/json` */
  async list(options: ContainerListOptions = {}, call?: CallOptions): Promise<ContainerSummary[]> {
    return this.wire.json(
      { method: 'GET', path: '/containers/json', query: { ...options }, patience: sizing(options), call },
      schema.containerSummaries,
    )
  }

  /** `GET /containers/{id}/json`. @throws ApiError `NOT_FOUND` */
  async inspect(id: string, options: ContainerInspectOptions = {}, call?: CallOptions): Promise<ContainerInspect> {
    return this.wire.json(inspection(id, options, call), containerInspect)
  }

  /** The same, exactly as it came: null, `[]` and absent apart, 64-bit integers whole. What a re-creation is made from. */
  async inspectRaw(id: string, options: ContainerInspectOptions = {}, call?: CallOptions): Promise<JsonObject> {
    return this.wire.json(inspection(id, options, call), jsonObject)
  }

  /**
   * `GET /libpod/containers/{id}/json`: what podman's own inspect tells and `inspect` does not. No operation of the Engine
   * API: dockerd answers 404.
   *
   * @throws ApiError `NOT_FOUND` for no such container, and from every other engine
   */
  async libpodInspect(id: string, call?: CallOptions): Promise<LibpodContainer> {
    return this.wire.json({ method: 'GET', path: path`/libpod/containers/${id}/json`, call }, libpodContainer)
  }

  /**
   * `GET /libpod/containers/{id}/healthcheck`: runs the health check once, and counts it. podman leaves that to timers of
   * systemd; without them nobody does. No operation of the Engine API: dockerd answers 404.
   *
   * @throws ApiError `NOT_FOUND`, `CONFLICT` when it does not run or has no check
   */
  async runLibpodHealthcheck(id: string, call?: CallOptions): Promise<void> {
    await this.wire.json({ method: 'GET', path: path`/libpod/containers/${id}/healthcheck`, call }, jsonObject)
  }

  /**
   * `POST /containers/create`, checked by the compiler. More than one entry in `EndpointsConfig` needs API 1.44, and so does
   * the MAC address of one, unless the container's own `MacAddress` says the same.
   *
   * @throws ApiError `CONFLICT` when the name is taken (500 on podman), `NOT_FOUND` when there is no such image
   */
  async create(
    body: ContainerCreateBody,
    options: ContainerCreateOptions = {},
    call?: CallOptions,
  ): Promise<ContainerCreateResponse> {
    return this.wire.json(creation(body, options, call), schema.containerCreateResponse)
  }

  /** The same with a body that no type checks, for instance one made from `inspectRaw`: 64-bit integers stay whole. */
  async createRaw(
    body: RawCreateBody,
    options: ContainerCreateOptions = {},
    call?: CallOptions,
  ): Promise<ContainerCreateResponse> {
    return this.wire.json(creation(body, options, call), schema.containerCreateResponse)
  }

  /** `POST /containers/{id}/rename`. @throws ApiError `CONFLICT` when the name is taken */
  async rename(id: string, name: string, call?: CallOptions): Promise<void> {
    const query = { name: givenName(name) }
    await this.wire.none({ method: 'POST', path: path`/containers/${id}/rename`, query, call })
  }

  /** `POST /containers/{id}/update`: restart policy and resources. */
  async update(id: string, body: ContainerUpdateBody, call?: CallOptions): Promise<ContainerUpdateResponse> {
    return this.wire.json(
      { method: 'POST', path: path`/containers/${id}/update`, json: body, call },
      schema.containerUpdateResponse,
    )
  }

  /** `DELETE /containers/{id}`. @throws ApiError `CONFLICT` when it runs or is being removed */
  async remove(id: string, options: ContainerRemoveOptions = {}, call?: CallOptions): Promise<void> {
    await this.wire.none({ method: 'DELETE', path: path`/containers/${id}`, query: { ...options }, long: true, call })
  }

  /** `GET /containers/{id}/top`. @throws ApiError `CONFLICT` when it does not run (500 on older engines) */
  async top(id: string, options: ContainerTopOptions = {}, call?: CallOptions): Promise<ContainerTop> {
    return this.wire.json(
      { method: 'GET', path: path`/containers/${id}/top`, query: { ps_args: options.psArgs }, call },
      schema.containerTop,
    )
  }

  /** `GET /containers/{id}/changes`: files that differ from the image. */
  async changes(id: string, call?: CallOptions): Promise<ContainerChange[]> {
    return this.wire.json({ method: 'GET', path: path`/containers/${id}/changes`, call }, schema.containerChanges)
  }

  /** `POST /containers/prune`: removes all that do not run. */
  async prune(options: PruneOptions = {}, call?: CallOptions): Promise<ContainerPruneResponse> {
    return this.wire.json(
      { method: 'POST', path: '/containers/prune', query: { ...options }, long: true, call },
      schema.containerPruneResponse,
    )
  }
}

function creation(body: object, options: ContainerCreateOptions, call: CallOptions | undefined): Operation {
  const endpoints = Object.values(objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig')).filter(isObject)
  const query = {
    ...options,
    name: options.name === undefined ? undefined : givenName(options.name),
    platform: options.platform === undefined ? undefined : platformText(options.platform),
  }
  const gated = needs({
    'several networks at create': endpoints.length > 1,
    'MAC address of an endpoint': endpoints.some(
      ({ MacAddress }) => (MacAddress ?? '') !== '' && MacAddress !== (body as RawCreateBody)['MacAddress'],
    ),
  })
  return { method: 'POST', path: '/containers/create', query, json: body, needs: gated, patience: STARTING, call }
}

function inspection(
  id: string,
  { apiVersion, ...query }: ContainerInspectOptions,
  call: CallOptions | undefined,
): Operation {
  return {
    method: 'GET',
    path: path`/containers/${id}/json`,
    query,
    version: apiVersion,
    patience: sizing(query),
    call,
  }
}

// Milliseconds. For a size the engine reads every file of the container.
function sizing({ size }: { readonly size?: boolean | undefined }): number | undefined {
  return size === true ? 300_000 : undefined
}
