import { ApiError, isNotFound } from '../base/errors.ts'
import type { CallOptions, Operation } from '../wire/call.ts'
import { isRaw } from '../wire/decode.ts'
import { needs } from '../wire/gates.ts'
import { path } from '../wire/path.ts'
import type { Query } from '../wire/query.ts'
import { archiveStat, type ArchiveStat } from './archive-stat.ts'
import { ContainerRun } from './container-run.ts'
import { engineTime } from './engine-time.ts'
import type { TerminalSize } from './exec.ts'
import { OutputStream } from './output-stream.ts'
import { containerTty } from './schema/container-tty.ts'
import { containerStats, type ContainerStats } from './schema/stats.ts'
import { Session } from './session.ts'
import { unpacking, type PutArchiveOptions } from './put-archive.ts'
import { uncompressedTar, type TarSource } from './tar-body.ts'
import { TarStream } from './tar-stream.ts'
import { WebSocketSession } from './websocket-session.ts'

export interface LogsOptions {
  readonly stdout?: boolean | undefined
  readonly stderr?: boolean | undefined
  readonly follow?: boolean | undefined
  /** Seconds since the epoch, or RFC 3339. */
  readonly since?: string | number | undefined
  /** RFC 3339 and a blank before each line; those inside of a long line, of which engines keep pieces, are left out. */
  readonly timestamps?: boolean | undefined
  /** Number of lines, or `all`. */
  readonly tail?: string | number | undefined
  /** Labels and environment that the log driver adds to each line. */
  readonly details?: boolean | undefined
}

export interface ContainerLogsOptions extends LogsOptions {
  /** Seconds since the epoch, or RFC 3339. */
  readonly until?: string | number | undefined
}

export interface ContainerAttachOptions {
  /** What it wrote before, too. */
  readonly logs?: boolean | undefined
  /** What it writes from now on; default yes. */
  readonly stream?: boolean | undefined
  readonly stdin?: boolean | undefined
  readonly stdout?: boolean | undefined
  readonly stderr?: boolean | undefined
  readonly detachKeys?: string | undefined
  /** A container that has ended will be started after this; without it attaching to one is refused. */
  readonly beforeStart?: boolean | undefined
}

export interface ContainerStatsOptions {
  /** One report a second; default yes. */
  readonly stream?: boolean | undefined
  /** One report at once, without the `precpu_stats` of a second before; only with `stream: false`. Needs API 1.41. */
  readonly oneShot?: boolean | undefined
}

export interface ArchiveOptions {
  /** In the container; a directory brings all that is in it. */
  readonly path: string
}

/** What goes into a container and comes out: output, terminals, files. */
export class ContainerIo extends ContainerRun {
  /** `GET /containers/{id}/logs`, both streams unless told otherwise. @throws ApiError `NOT_FOUND` */
  logs(id: string, options: ContainerLogsOptions = {}, call?: CallOptions): OutputStream {
    const operation = (): Operation => ({
      method: 'GET',
      path: path`/containers/${id}/logs`,
      query: logsQuery(options),
      call,
    })
    return new OutputStream(this.wire.frames(operation, (signal) => this.#isTty(id, signal)))
  }

  /**
   * `POST /containers/{id}/attach`: its main process; stdout and stderr unless told otherwise. To write, ask for `stdin`
   * on a container created with `OpenStdin`.
   *
   * Of a container that has ended nothing would come and nothing would end, and podman would forget its exit code: see
   * `beforeStart`, and `logs` for what it wrote.
   *
   * @throws ApiError `NOT_FOUND`; `CONFLICT` when it is paused, restarts, or has ended
   */
  async attach(id: string, options: ContainerAttachOptions = {}, call?: CallOptions): Promise<Session> {
    await this.#refuseEnded(id, options, call)
    // Never with a body: dockerd would write it into the container's stdin.
    const operation: Operation = {
      method: 'POST',
      path: path`/containers/${id}/attach`,
      query: attachQuery(options),
      call,
    }
    const connection = await this.wire.upgrade(operation)
    try {
      return new Session(connection, await isRaw(connection.contentType, () => this.#isTty(id, call?.signal)))
    } catch (error) {
      connection.close()
      throw error
    }
  }

  /**
   * `GET /containers/{id}/attach/ws`: the same over a WebSocket, output not told apart. Not on podman. `attach` is the
   * better choice wherever raw connections pass.
   *
   * @throws ApiError as `attach`
   */
  async attachWebsocket(
    id: string,
    options: ContainerAttachOptions = {},
    call?: CallOptions,
  ): Promise<WebSocketSession> {
    await this.#refuseEnded(id, options, call)
    return WebSocketSession.open(this.wire, {
      path: path`/containers/${id}/attach/ws`,
      query: attachQuery(options),
      call,
    })
  }

  /** `POST /containers/{id}/resize`: its TTY's size. */
  async resize(id: string, size: TerminalSize, call?: CallOptions): Promise<void> {
    await this.wire.none({ method: 'POST', path: path`/containers/${id}/resize`, query: { ...size }, call })
  }

  /** `GET /containers/{id}/stats`: a report a second until the container or the reader ends, or one. */
  stats(
    id: string,
    options: ContainerStatsOptions = {},
    call?: CallOptions,
  ): AsyncGenerator<ContainerStats, void, undefined> {
    const operation = (): Operation => ({
      method: 'GET',
      path: path`/containers/${id}/stats`,
      query: { stream: options.stream ?? true, 'one-shot': options.oneShot },
      needs: needs({ 'one-shot stats': options.oneShot }),
      call,
    })
    return this.wire.lines(operation, containerStats)
  }

  /** `GET /containers/{id}/export`: its whole file system as a tar, without volumes. */
  export(id: string, call?: CallOptions): TarStream {
    return new TarStream(this.wire.bytes(() => ({ method: 'GET', path: path`/containers/${id}/export`, call })))
  }

  /** `GET /containers/{id}/archive`: a file or directory as a tar. */
  archive(id: string, options: ArchiveOptions, call?: CallOptions): TarStream {
    return new TarStream(
      this.wire.bytes(() => ({
        method: 'GET',
        path: path`/containers/${id}/archive`,
        query: { ...options },
        call,
      })),
    )
  }

  /** `HEAD /containers/{id}/archive`: what is at a path. @throws ApiError `NOT_FOUND` */
  async archiveInfo(id: string, options: ArchiveOptions, call?: CallOptions): Promise<ArchiveStat> {
    const operation = { method: 'HEAD', path: path`/containers/${id}/archive`, query: { ...options }, call } as const
    return archiveStat((await this.wire.head(operation)).headers, operation.path)
  }

  /**
   * `PUT /containers/{id}/archive`: unpacks a tar, or the given files. A compressed tar is refused, for the engine would
   * unpack it with programs found in the container (CVE-2026-41567); best is a container that does not run.
   *
   * @throws InputError `INPUT_INVALID` for a compressed tar
   */
  async putArchive(id: string, options: PutArchiveOptions, files: TarSource, call?: CallOptions): Promise<void> {
    await this.wire.none(unpacking(id, options, uncompressedTar(files), call))
  }

  // A container that ends right after this is seen to end by the engine's own means.
  async #refuseEnded(id: string, options: ContainerAttachOptions, call: CallOptions | undefined): Promise<void> {
    if (options.beforeStart === true) return
    const { headersTimeout: _, idleTimeout: __, ...inspecting } = call ?? {}
    const operation = { method: 'GET', path: path`/containers/${id}/json`, call: inspecting } as const
    const status = await this.wire.json(operation, containerTty).then(
      ({ State }) => State?.Status,
      (error: unknown) => {
        if (isNotFound(error) || !(error instanceof ApiError)) throw error
        return undefined // a proxy may pass the attach alone
      },
    )
    if (status === undefined || !ENDED.has(status)) return
    // dockerd then gives what there was, and ends.
    if (options.stream === false && !(await this.wire.isPodman(call))) return
    throw new ApiError(
      'CONFLICT',
      `${id} has ended: an attach would wait for its next start. Read logs(), or attach with beforeStart: true and start it.`,
      { method: 'POST', path: path`/containers/${id}/attach`, facts: { status } },
    )
  }

  async #isTty(id: string, signal: AbortSignal | undefined): Promise<boolean> {
    const operation = { method: 'GET', path: path`/containers/${id}/json`, call: { signal } } as const
    return (await this.wire.json(operation, containerTty)).Config.Tty
  }
}

const ENDED: ReadonlySet<string> = new Set(['exited', 'dead', 'stopped'])

/** The query of logs: both streams unless one is named, for an engine refuses to give none. */
export function logsQuery(options: ContainerLogsOptions): Query {
  return {
    ...options,
    since: engineTime('since', options.since),
    until: engineTime('until', options.until),
    stdout: options.stdout ?? options.stderr !== true,
    stderr: options.stderr ?? options.stdout !== true,
  }
}

function attachQuery(options: ContainerAttachOptions): Query {
  return {
    ...options,
    beforeStart: undefined,
    stream: options.stream ?? true,
    stdout: options.stdout ?? true,
    stderr: options.stderr ?? true,
  }
}
