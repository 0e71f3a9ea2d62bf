import { given } from '../base/defaults.ts'
import { ApiError, InputError, isNotFound } from '../base/errors.ts'
import type { CallOptions, Changed, Operation, Wire } from '../wire/call.ts'
import { path } from '../wire/path.ts'
import { needs } from '../wire/gates.ts'
import { containerWaitResponse, type ContainerWaitResponse } from './schema/containers.ts'

export interface ContainerStartOptions {
  /** For instance `ctrl-p,ctrl-q`. */
  readonly detachKeys?: string | undefined
}

export interface ContainerStopOptions {
  /** Seconds until it is killed; -1 waits for ever (on podman 68 years). Default the container's own. */
  readonly t?: number | undefined
  /** Needs API 1.42, and not podman. Another signal than its own lets `always` start it again. */
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

// Seconds: podman takes no number below zero. As many as fit into an int, on every engine.
const FOR_EVER = 2 ** 31 - 1

// What a stop or restart may take on top of its grace period, in milliseconds.
const STOP_SLACK = 15_000

/** What a container does: it starts, stops, pauses, ends. */
export class ContainerRun {
  protected readonly wire: Wire

  constructor(wire: Wire) {
    this.wire = wire
  }

  /** `POST /containers/{id}/start`; `changed` is false when it ran already. */
  async start(id: string, options: ContainerStartOptions = {}, call?: CallOptions): Promise<Changed> {
    return this.wire.none({
      method: 'POST',
      path: path`/containers/${id}/start`,
      query: { ...options },
      patience: STARTING,
      call,
    })
  }

  /**
   * `POST /containers/{id}/stop`; `changed` is false when it did not run. A cut connection does not end the stop.
   *
   * @throws InputError `UNSUPPORTED` for a `signal` on podman, which would send the container's own
   */
  async stop(id: string, options: ContainerStopOptions = {}, call?: CallOptions): Promise<Changed> {
    return this.wire.none(await this.#ending(path`/containers/${id}/stop`, options, call))
  }

  /** `POST /containers/{id}/restart`. @throws InputError `UNSUPPORTED` for a `signal` on podman */
  async restart(id: string, options: ContainerStopOptions = {}, call?: CallOptions): Promise<void> {
    await this.wire.none(await this.#ending(path`/containers/${id}/restart`, options, call))
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
   *
   * @throws ApiError `NOT_FOUND`, on podman also where it removes the container without telling how it ended
   */
  wait(id: string, options: ContainerWaitOptions = {}, call?: CallOptions): ContainerWait {
    const { promise: armed, resolve, reject } = promiseWithResolvers()
    const ended = this.#wait(id, options, resolve, call)
    ended.catch(reject)
    armed.catch(() => {}) // who waits for the end alone is told there
    return Object.assign(ended, { armed })
  }

  async #wait(
    id: string,
    options: ContainerWaitOptions,
    opened: () => void,
    call?: CallOptions,
  ): Promise<ContainerWaitResponse> {
    const waited = (asked: ContainerWaitOptions, told?: () => void): Promise<ContainerWaitResponse> => {
      const place = path`/containers/${id}/wait`
      const request: Operation = { method: 'POST', path: place, query: { ...asked }, long: true, opened: told, call }
      return this.wire.json(request, containerWaitResponse)
    }
    if (options.condition !== 'removed' || !(await this.wire.isPodman(call))) return waited(options, opened)
    // podman 4 answers a wait for the removal by 0, whatever the exit code: that is told while the container is there.
    const ended = await waited({ condition: 'not-running' }, opened)
    if (ended.Error?.Message) throw forgotten(id, ended.Error.Message)
    await waited(options).catch(ignoreAbsent)
    return ended
  }

  // Without `t` the grace period is the container's own, which is not known here: then only the caller sets a deadline.
  async #ending(place: string, options: ContainerStopOptions, call: CallOptions | undefined): Promise<Operation> {
    const { t, signal } = options
    const grace = t ?? -1
    const isPodman = (signal !== undefined || (t !== undefined && t < 0)) && (await this.wire.isPodman(call))
    if (isPodman && signal !== undefined) throw unreadSignal(place)
    return {
      method: 'POST',
      path: place,
      query: { ...options, t: isPodman ? FOR_EVER : t },
      needs: needs({ 'signal of stop and restart': signal }),
      long: true,
      call: { headersTimeout: grace < 0 ? 0 : grace * 1000 + STOP_SLACK, ...given(call ?? {}) },
    }
  }
}

function unreadSignal(place: string): InputError {
  return new InputError(
    'UNSUPPORTED',
    `podman reads no "signal" at POST ${place} and would send the container's own: leave it out, or send the signal by kill and wait`,
  )
}

function forgotten(id: string, words: string): ApiError {
  const place = { method: 'POST', path: `/containers/${id}/wait`, words }
  return new ApiError(
    'NOT_FOUND',
    `podman does not tell how ${id} ended: ${words}. Wait for "next-exit" instead.`,
    place,
  )
}

function ignoreAbsent(error: unknown): void {
  if (!isNotFound(error)) throw error
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
