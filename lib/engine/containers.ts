import type { JsonObject } from '../base/json.ts'
import type { Output } from '../stream/frames.ts'
import type { CallOptions, Changed, Operation, Wire } from '../wire/call.ts'
import { path } from '../wire/path.ts'
import type { Filters } from '../wire/query.ts'
import { atLeast } from '../wire/version.ts'
import { containerInspect, type ContainerInspect, type RestartPolicy } from './schema/container-inspect.ts'
import * as schema from './schema/containers.ts'
import type {
  ContainerCreateResponse,
  ContainerSummary,
  ContainerUpdateResponse,
  ContainerWaitResponse,
} from './schema/containers.ts'
import { jsonObject } from './schema/shape.ts'

export interface ContainerListOptions {
  /** Stopped ones too. */
  readonly all?: boolean | undefined
  readonly limit?: number | undefined
  readonly size?: boolean | undefined
  /** `name` is an unanchored regular expression, `status` implies `all`. */
  readonly filters?: Filters | undefined
}

export interface ContainerCreateOptions {
  readonly name?: string | undefined
  /** `os/arch[/variant]` */
  readonly platform?: string | undefined
}

/** Body of `POST /containers/create`, in the API's own words: `Image`, `Env`, `HostConfig`, `NetworkingConfig`, … */
export type ContainerCreateBody = Readonly<Record<string, unknown>> & { readonly Image: string }

export interface ContainerStopOptions {
  /** Seconds until it is killed; -1 waits for ever. Default the container's own. */
  readonly t?: number | undefined
  /** Needs API 1.42. Another signal than its own lets `always` start it again. */
  readonly signal?: string | undefined
}

export interface ContainerWaitOptions {
  readonly condition?: 'not-running' | 'next-exit' | 'removed' | undefined
}

export interface ContainerUpdateBody {
  readonly RestartPolicy?: RestartPolicy | undefined
  readonly [resource: string]: unknown
}

export interface ContainerRemoveOptions {
  /** Anonymous volumes too. */
  readonly v?: boolean | undefined
  readonly force?: boolean | undefined
  readonly link?: boolean | undefined
}

export interface ContainerLogsOptions {
  readonly stdout?: boolean | undefined
  readonly stderr?: boolean | undefined
  readonly follow?: boolean | undefined
  /** Seconds since the epoch, or RFC 3339. */
  readonly since?: string | number | undefined
  readonly until?: string | number | undefined
  readonly timestamps?: boolean | undefined
  /** Number of lines, or `all`. */
  readonly tail?: string | number | undefined
}

// What a stop or restart may take on top of its grace period, in milliseconds.
const STOP_SLACK = 15_000
const DEFAULT_GRACE = 10

/** Containers of the engine. Ids and names are checked before anything is sent. */
export class Containers {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** `GET /containers/json` */
  list(options: ContainerListOptions = {}, call?: CallOptions): Promise<ContainerSummary[]> {
    return this.#wire.json(
      { method: 'GET', path: '/containers/json', query: { ...options }, call },
      schema.containerSummaries,
    )
  }

  /** `GET /containers/{id}/json`. @throws ApiError `NOT_FOUND` */
  inspect(id: string, call?: CallOptions): Promise<ContainerInspect> {
    return this.#wire.json(this.#inspection(id, call), containerInspect)
  }

  /** The same, exactly as it came: null, `[]` and absent apart, 64-bit integers whole. What a re-creation is made from. */
  inspectRaw(id: string, call?: CallOptions): Promise<JsonObject> {
    return this.#wire.json(this.#inspection(id, call), jsonObject)
  }

  /** `POST /containers/create`. @throws ApiError `CONFLICT` when the name is taken, `NOT_FOUND` when there is no such image */
  create(
    body: ContainerCreateBody,
    options: ContainerCreateOptions = {},
    call?: CallOptions,
  ): Promise<ContainerCreateResponse> {
    return this.#wire.json(
      { method: 'POST', path: '/containers/create', query: { ...options }, json: body, call },
      schema.containerCreateResponse,
    )
  }

  /** `POST /containers/{id}/start`; `changed` is false when it ran already. */
  start(id: string, call?: CallOptions): Promise<Changed> {
    return this.#wire.none({ method: 'POST', path: path`/containers/${id}/start`, call })
  }

  /** `POST /containers/{id}/stop`; `changed` is false when it did not run. A cut connection does not end the stop. */
  stop(id: string, options: ContainerStopOptions = {}, call?: CallOptions): Promise<Changed> {
    return this.#wire.none(this.#ending('stop', id, options, call))
  }

  /** `POST /containers/{id}/restart` */
  async restart(id: string, options: ContainerStopOptions = {}, call?: CallOptions): Promise<void> {
    await this.#wire.none(this.#ending('restart', id, options, call))
  }

  /** `POST /containers/{id}/kill`. @throws ApiError `CONFLICT` when it does not run */
  async kill(id: string, options: { readonly signal?: string | undefined } = {}, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'POST', path: path`/containers/${id}/kill`, query: { ...options }, call })
  }

  /** `POST /containers/{id}/pause` */
  async pause(id: string, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'POST', path: path`/containers/${id}/pause`, call })
  }

  /** `POST /containers/{id}/unpause` */
  async unpause(id: string, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'POST', path: path`/containers/${id}/unpause`, call })
  }

  /** `POST /containers/{id}/wait`; answers when the condition holds, however long that takes. */
  wait(id: string, options: ContainerWaitOptions = {}, call?: CallOptions): Promise<ContainerWaitResponse> {
    const patient = { headersTimeout: 0, idleTimeout: 0, ...call }
    return this.#wire.json(
      { method: 'POST', path: path`/containers/${id}/wait`, query: { ...options }, call: patient },
      schema.containerWaitResponse,
    )
  }

  /** `POST /containers/{id}/rename`. @throws ApiError `CONFLICT` when the name is taken */
  async rename(id: string, name: string, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'POST', path: path`/containers/${id}/rename`, query: { name }, call })
  }

  /** `POST /containers/{id}/update`: restart policy and resources. */
  update(id: string, body: ContainerUpdateBody, call?: CallOptions): Promise<ContainerUpdateResponse> {
    return this.#wire.json(
      { method: 'POST', path: path`/containers/${id}/update`, json: body, call },
      schema.containerUpdateResponse,
    )
  }

  /** `DELETE /containers/{id}`. @throws ApiError `CONFLICT` when it runs or is being removed */
  async remove(id: string, options: ContainerRemoveOptions = {}, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'DELETE', path: path`/containers/${id}`, query: { ...options }, call })
  }

  /**
   * `GET /containers/{id}/logs`, both streams unless told otherwise. A container with a TTY has raw output, which comes
   * as `stdout`.
   */
  async *logs(
    id: string,
    options: ContainerLogsOptions = {},
    call?: CallOptions,
  ): AsyncGenerator<Output, void, undefined> {
    const query = {
      ...options,
      stdout: options.stdout ?? options.stderr !== true,
      stderr: options.stderr ?? options.stdout !== true,
    }
    // Below 1.42 the content type does not tell a TTY's raw output from frames.
    const tty = atLeast(await this.#wire.version(), '1.42') ? undefined : (await this.inspect(id, call)).Config.Tty
    yield* this.#wire.frames({ method: 'GET', path: path`/containers/${id}/logs`, query, call }, tty)
  }

  #inspection(id: string, call: CallOptions | undefined): Operation {
    return { method: 'GET', path: path`/containers/${id}/json`, call }
  }

  #ending(
    verb: 'stop' | 'restart',
    id: string,
    options: ContainerStopOptions,
    call: CallOptions | undefined,
  ): Operation {
    const grace = options.t ?? DEFAULT_GRACE
    const patience = { headersTimeout: grace < 0 ? 0 : grace * 1000 + STOP_SLACK, ...call }
    return {
      method: 'POST',
      path: verb === 'stop' ? path`/containers/${id}/stop` : path`/containers/${id}/restart`,
      query: { ...options },
      needs: options.signal === undefined ? [] : ['signal of stop and restart'],
      call: patience,
    }
  }
}
