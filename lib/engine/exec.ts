import { pipeline } from 'node:stream/promises'

import type { Clock } from '../base/ports.ts'
import type { CallOptions, Wire } from '../wire/call.ts'
import { needs } from '../wire/gates.ts'
import { path } from '../wire/path.ts'
import { DEFAULT_MAX_BYTES, type ReadLimit } from './byte-stream.ts'
import * as schema from './schema/exec.ts'
import type { ExecCreateResponse, ExecInspect } from './schema/exec.ts'
import { Session } from './session.ts'

/** Body of `POST /containers/{id}/exec`. */
export interface ExecCreateBody {
  readonly Cmd: readonly string[]
  readonly AttachStdin?: boolean | undefined
  readonly AttachStdout?: boolean | undefined
  readonly AttachStderr?: boolean | undefined
  readonly Tty?: boolean | undefined
  /** `KEY=value`, added to the container's own. */
  readonly Env?: readonly string[] | undefined
  /** `user`, `user:group`, by name or number. */
  readonly User?: string | undefined
  readonly WorkingDir?: string | undefined
  readonly Privileged?: boolean | undefined
  readonly DetachKeys?: string | undefined
  /** Height and width in characters. Needs API 1.42. */
  readonly ConsoleSize?: readonly [height: number, width: number] | undefined
}

/** Body of `POST /exec/{id}/start`. */
export interface ExecStartBody {
  /** As the exec was created: output with a TTY has no frames. */
  readonly Tty?: boolean | undefined
  /** Needs API 1.42. */
  readonly ConsoleSize?: readonly [height: number, width: number] | undefined
}

/** Size of a terminal, in characters. */
export interface TerminalSize {
  /** Height. */
  readonly h: number
  /** Width. */
  readonly w: number
}

export interface ExecRunOptions extends ReadLimit {
  /** Written to its stdin, which is closed then. */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array> | undefined
}

/** How a command ended. */
export interface ExecResult {
  readonly exitCode: number
  readonly stdout: string
  /** Empty with a TTY, where all is stdout. */
  readonly stderr: string
}

const FIRST_POLL = 10
const LAST_POLL = 1000
const PIECE = 64 << 10

/** Commands in running containers. */
export class Exec {
  readonly #wire: Wire
  readonly #clock: Pick<Clock, 'sleep'>

  constructor(wire: Wire, clock: Pick<Clock, 'sleep'>) {
    this.#wire = wire
    this.#clock = clock
  }

  /** `POST /containers/{id}/exec`. @throws ApiError `NOT_FOUND`; `CONFLICT` when the container is paused or does not run */
  create(container: string, body: ExecCreateBody, call?: CallOptions): Promise<ExecCreateResponse> {
    return this.#wire.json(
      {
        method: 'POST',
        path: path`/containers/${container}/exec`,
        json: body,
        needs: needs({ 'console size of an exec': body.ConsoleSize }),
        call,
      },
      schema.execCreateResponse,
    )
  }

  /**
   * `POST /exec/{id}/start`: starts it and stays on the line. A command that cannot be started says so in its output, and
   * by exit code 126 or 127.
   *
   * @throws ApiError `NOT_FOUND`; `CONFLICT` when it ran already (20.10 puts that into the output)
   */
  async start(id: string, body: ExecStartBody = {}, call?: CallOptions): Promise<Session> {
    const tty = body.Tty === true
    const connection = await this.#wire.upgrade({
      method: 'POST',
      path: path`/exec/${id}/start`,
      json: { ...body, Detach: false, Tty: tty },
      needs: needs({ 'console size of an exec': body.ConsoleSize }),
      call,
    })
    return new Session(connection, tty)
  }

  /** `POST /exec/{id}/start` with `Detach`: starts it and hangs up. */
  async startDetached(id: string, body: ExecStartBody = {}, call?: CallOptions): Promise<void> {
    await this.#wire.none({
      method: 'POST',
      path: path`/exec/${id}/start`,
      json: { ...body, Detach: true },
      needs: needs({ 'console size of an exec': body.ConsoleSize }),
      call,
    })
  }

  /** `POST /exec/{id}/resize`: its TTY's size, once it runs. */
  async resize(id: string, size: TerminalSize, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'POST', path: path`/exec/${id}/resize`, query: { ...size }, call })
  }

  /** `GET /exec/{id}/json`. @throws ApiError `NOT_FOUND`, also some minutes after it ended */
  inspect(id: string, call?: CallOptions): Promise<ExecInspect> {
    return this.#wire.json({ method: 'GET', path: path`/exec/${id}/json`, call }, schema.execInspect)
  }

  /**
   * Runs a command to its end: create, start, read, inspect. A command that fails is a result and not an error. An abort
   * hangs up; the command itself may go on.
   *
   * @throws StreamError `TOO_LARGE` when it prints more than `maxBytes`, default 16 MiB
   */
  async run(
    container: string,
    body: ExecCreateBody,
    { stdin, maxBytes = DEFAULT_MAX_BYTES }: ExecRunOptions = {},
    call: CallOptions = {},
  ): Promise<ExecResult> {
    const attach = { AttachStdin: stdin !== undefined, AttachStdout: true, AttachStderr: true }
    const { Id } = await this.create(container, { ...attach, ...body }, call)
    using session = await this.start(Id, { Tty: body.Tty }, call)
    const [output] = await Promise.all([session.collect({ maxBytes }), feed(session, stdin)])
    return { exitCode: await this.#exitCode(Id, call), ...output }
  }

  // The output may end a moment before the engine has noted the exit code.
  async #exitCode(id: string, call: CallOptions): Promise<number> {
    for (let wait = FIRST_POLL; ; wait = Math.min(wait * 2, LAST_POLL)) {
      const { Running, ExitCode } = await this.inspect(id, call)
      if (!Running && ExitCode !== undefined) return ExitCode
      await this.#clock.sleep(wait, call.signal)
    }
  }
}

// A command may end without reading its stdin: that it hung up is then no failure of the run.
async function feed({ stdin }: Session, input: ExecRunOptions['stdin']): Promise<void> {
  if (stdin === undefined || input === undefined) return
  try {
    await pipeline(paced(input), stdin, { end: true })
  } catch (error) {
    if (!isHangup(error)) throw error
  }
}

// A turn for reading before each write: a write that fails first would take with it what the command said last.
async function* paced(input: NonNullable<ExecRunOptions['stdin']>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of typeof input === 'string' || input instanceof Uint8Array ? pieces(input) : input) {
    await new Promise((resolve) => setImmediate(resolve))
    yield chunk
  }
}

function* pieces(input: string | Uint8Array): Generator<Uint8Array, void, undefined> {
  const bytes = Buffer.from(input)
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE)
}

function isHangup(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return (
    code === 'EPIPE' ||
    code === 'ECONNRESET' ||
    code === 'ECANCELED' || // Node 24: what was still to be written when the connection ended
    code === 'ERR_STREAM_PREMATURE_CLOSE' ||
    code === 'ERR_STREAM_DESTROYED'
  )
}
