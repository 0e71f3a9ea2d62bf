import { given } from '../base/defaults.ts'
import type { CallOptions, Changed, Operation, Wire } from '../wire/call.ts'
import { path } from '../wire/path.ts'
import { needs } from '../wire/gates.ts'
import { containerWaitResponse, type ContainerWaitResponse } from './schema/containers.ts'

export interface ContainerStartOptions {
  /** For instance `ctrl-p,ctrl-q`. */
  readonly detachKeys?: string | undefined
}

export interface ContainerStopOptions {
  /** Seconds until it is killed; -1 waits for ever. Default the container's own. */
  readonly t?: number | undefined
  /** Needs API 1.42. Another signal than its own lets `always` start it again. */
  readonly signal?: string | undefined
}

export interface ContainerKillOptions {
  /** Name or number; default `SIGKILL`. */
  readonly signal?: string | undefined
}

export interface ContainerWaitOptions {
  /** Default `not-running`. A word that is unknown is taken for it below API 1.42. */
  readonly condition?: 'not-running' | 'next-exit' | 'removed' | undefined
}

/** A wait under way: await it for how the container ended. */
export interface ContainerWait extends Promise<ContainerWaitResponse> {
  /** Resolves once the engine watches: a container that is started after this cannot end unseen. */
  readonly armed: Promise<void>
}

/** Milliseconds for a create, which may copy an image's files into a volume, and a start, which may mount what is far away. */
export const STARTING = 120_000

// What a stop or restart may take on top of its grace period, in milliseconds.
const STOP_SLACK = 15_000

/** What a container does: it starts, stops, pauses, ends. */
export class ContainerRun {
  protected readonly wire: Wire

  constructor(wire: Wire) {
    this.wire = wire
  }

  /** `POST /containers/{id}/start`; `changed` is false when it ran already. */
  start(id: string, options: ContainerStartOptions = {}, call?: CallOptions): Promise<Changed> {
    return this.wire.none({
      method: 'POST',
      path: path`/containers/${id}/start`,
      query: { ...options },
      patience: STARTING,
      call,
    })
  }

  /** `POST /containers/{id}/stop`; `changed` is false when it did not run. A cut connection does not end the stop. */
  stop(id: string, options: ContainerStopOptions = {}, call?: CallOptions): Promise<Changed> {
    return this.wire.none(ending(path`/containers/${id}/stop`, options, call))
  }

  /** `POST /containers/{id}/restart` */
  async restart(id: string, options: ContainerStopOptions = {}, call?: CallOptions): Promise<void> {
    await this.wire.none(ending(path`/containers/${id}/restart`, options, call))
  }

  /** `POST /containers/{id}/kill`. @throws ApiError `CONFLICT` when it does not run */
  async kill(id: string, options: ContainerKillOptions = {}, call?: CallOptions): Promise<void> {
    await this.wire.none({ method: 'POST', path: path`/containers/${id}/kill`, query: { ...options }, call })
  }

  /** `POST /containers/{id}/pause`. @throws ApiError `CONFLICT` when it does not run or is paused */
  async pause(id: string, call?: CallOptions): Promise<void> {
    await this.wire.none({ method: 'POST', path: path`/containers/${id}/pause`, call })
  }

  /** `POST /containers/{id}/unpause`. @throws ApiError when it is not paused: 500 on dockerd, 409 or 500 on podman */
  async unpause(id: string, call?: CallOptions): Promise<void> {
    await this.wire.none({ method: 'POST', path: path`/containers/${id}/unpause`, call })
  }

  /**
   * `POST /containers/{id}/wait`: resolves when the condition holds, however long that takes. To catch the end of a
   * container that is about to start, wait for `armed` first.
   */
  wait(id: string, options: ContainerWaitOptions = {}, call?: CallOptions): ContainerWait {
    const { promise: armed, resolve, reject } = promiseWithResolvers()
    const request: Operation = {
      method: 'POST',
      path: path`/containers/${id}/wait`,
      query: { ...options },
      long: true,
      opened: resolve,
      call,
    }
    const ended = this.wire.json(request, containerWaitResponse)
    ended.catch(reject)
    armed.catch(() => {}) // who waits for the end alone is told there
    return Object.assign(ended, { armed })
  }
}

// Without `t` the grace period is the container's own, which is not known here: then only the caller sets a deadline.
function ending(path: string, options: ContainerStopOptions, call: CallOptions | undefined): Operation {
  const grace = options.t ?? -1
  return {
    method: 'POST',
    path,
    query: { ...options },
    needs: needs({ 'signal of stop and restart': options.signal }),
    long: true,
    call: { headersTimeout: grace < 0 ? 0 : grace * 1000 + STOP_SLACK, ...given(call ?? {}) },
  }
}

function promiseWithResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } {
  let resolve!: () => void
  let reject!: (error: unknown) => void
  const promise = new Promise<void>((onDone, onError) => {
    resolve = onDone
    reject = onError
  })
  return { promise, resolve, reject }
}
