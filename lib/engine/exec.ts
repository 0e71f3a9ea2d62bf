import { given } from '../base/defaults.ts'
import { ConnectionError, hasCode, type DockerError } from '../base/errors.ts'
import type { Clock } from '../base/ports.ts'
import type { CallOptions, Wire } from '../wire/call.ts'
import { deadlineOf } from '../wire/deadline.ts'
import { aborted } from '../wire/failure.ts'
import { needs } from '../wire/gates.ts'
import { path } from '../wire/path.ts'
import { DEFAULT_MAX_BYTES, type ReadLimit } from './byte-stream.ts'
import { stdinFeed, type StdinSource } from './exec-stdin.ts'
import { OutputCollector, type CollectedOutput } from './output-stream.ts'
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
  /** Written to its stdin, which is closed then; with a TTY that is a Ctrl-D. What the command does not read is dropped. */
  readonly stdin?: StdinSource | undefined
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
// Polls after a cut, about half a second: a command that hung up has ended, and is only not noted yet.
const POLLS_AFTER_CUT = 6

/** Commands in running containers. */
export class Exec {
  readonly #wire: Wire
  readonly #clock: Pick<Clock, 'sleep'>

  constructor(wire: Wire, clock: Pick<Clock, 'sleep'>) {
    this.#wire = wire
    this.#clock = clock
  }

  /** `POST /containers/{id}/exec`. @throws ApiError `NOT_FOUND`; `CONFLICT` when the container is paused or does not run */
  async create(container: string, body: ExecCreateBody, call?: CallOptions): Promise<ExecCreateResponse> {
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
  async inspect(id: string, call?: CallOptions): Promise<ExecInspect> {
    return this.#wire.json({ method: 'GET', path: path`/exec/${id}/json`, call }, schema.execInspect)
  }

  /**
   * Runs a command to its end: create, start, read, inspect. A command that fails is a result and not an error, and so is
   * one that ends without reading its stdin. `timeout` is of the whole run, the wait for the exit code included. An abort
   * hangs up; the command itself may go on.
   *
   * @throws StreamError `TOO_LARGE` when it prints more than `maxBytes`, default 16 MiB
   * @throws AbortedError `ABORTED` when the source of `stdin` fails; ConnectionError `UNSUPPORTED` when it cannot be written
   */
  async run(
    container: string,
    body: ExecCreateBody,
    { stdin, maxBytes = DEFAULT_MAX_BYTES }: ExecRunOptions = {},
    call?: CallOptions,
  ): Promise<ExecResult> {
    using feed = stdinFeed(stdin)
    using deadline = deadlineOf(call, `a command in ${container}`)
    const attach = { AttachStdin: stdin !== undefined, AttachStdout: true, AttachStderr: true }
    const { Id } = await this.create(container, { ...attach, ...given(body) }, deadline.call)
    using session = await this.start(Id, { Tty: body.Tty }, deadline.call)
    if (stdin !== undefined && session.stdin === undefined)
      throw new ConnectionError(
        'UNSUPPORTED',
        'a proxy in between passes no raw connection on: stdin cannot be written',
      )
    feed.into(session.stdin)
    const { cut, ...output } = await Promise.race([read(session, maxBytes, stdin !== undefined), feed.failed])
    return { exitCode: await this.#exitCode(Id, deadline.call, cut), ...output }
  }

  // The output may end a moment before the engine has noted the exit code.
  async #exitCode(id: string, call: CallOptions, cut: DockerError | undefined): Promise<number> {
    for (let [wait, polls] = [FIRST_POLL, 1]; ; wait = Math.min(wait * 2, LAST_POLL), polls++) {
      const { Running, ExitCode } = await this.inspect(id, call)
      if (!Running && ExitCode !== undefined) return ExitCode
      if (cut !== undefined && polls > POLLS_AFTER_CUT) throw cut
      await this.#clock.sleep(wait, call.signal).catch((reason: unknown) => {
        throw aborted(reason, `a command (exec ${id})`, { cause: reason })
      })
    }
  }
}

// A command that ends without reading its stdin makes the engine close a connection with bytes in it, which looks like
// a reset; all that the command said came before that. Whether it was this or a real cut is seen by its exit code.
async function read(
  session: Session,
  maxBytes: number,
  mayHangUp: boolean,
): Promise<CollectedOutput & { cut?: DockerError }> {
  const collected = new OutputCollector(maxBytes)
  try {
    for await (const piece of session) collected.add(piece)
  } catch (error) {
    if (!mayHangUp || !hasCode(error, 'CONNECTION_LOST')) throw error
    return { ...collected.text(), cut: error }
  }
  return collected.text()
}
