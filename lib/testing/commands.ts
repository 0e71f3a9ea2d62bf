import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'

import type { Suspect } from './entropy.ts'
import type { MaskedCounts } from './scrub.ts'
import { untilLeft } from './served.ts'
import { record, type RecordOptions } from './record.ts'
import { replay, type Replay, type ReplayOptions, type ReplaySource } from './replay.ts'

export interface RecordCommandOptions extends RecordOptions {
  /** The program and its arguments; it runs without a shell, on the terminal of this process. */
  readonly command: readonly [program: string, ...args: string[]]
  /** Ends the program with SIGTERM. */
  readonly signal?: AbortSignal | undefined
}

/** How a recorded program ended. */
export interface RecordedCommand {
  /** Its exit code, or 128 and the number of the signal that ended it. */
  readonly exitCode: number
  /** The exchange file; not there when the program asked nothing of the engine. */
  readonly file: string
  /** How many secrets were masked, by how they were told. */
  readonly masked: MaskedCounts
  /** What is left that looks as random as a secret. */
  readonly suspects: readonly Suspect[]
}

/**
 * Runs a program with `DOCKER_HOST` set to a recording socket and writes what it asked of the engine:
 * `dockline record --out DIR -- CMD…`.
 *
 * @throws Error `ENOENT` when there is no such program
 */
export async function recordCommand(options: RecordCommandOptions): Promise<RecordedCommand> {
  options.signal?.throwIfAborted()
  await using recorder = await record(options)
  const [program, ...args] = options.command
  // A context would win over DOCKER_HOST, and a unix socket has no TLS.
  const { DOCKER_CONTEXT: _, DOCKER_TLS_VERIFY: __, ...env } = options.env ?? process.env
  const child = spawn(program, args, { stdio: 'inherit', env: { ...env, DOCKER_HOST: recorder.host } })
  const end = (): void => void child.kill('SIGTERM')
  options.signal?.addEventListener('abort', end, { once: true })
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    await recorder.close()
    const { file, masked, suspects } = recorder
    return { exitCode: code ?? 128 + constants.signals[signal as NodeJS.Signals], file, masked, suspects }
  } finally {
    options.signal?.removeEventListener('abort', end)
  }
}

export interface ServeReplayOptions extends ReplayOptions {
  /** Fires when it is enough. */
  readonly signal: AbortSignal
  /** Called when programs may connect, with the `DOCKER_HOST` to give them. */
  readonly onListening?: ((host: string) => void) | undefined
}

/**
 * Serves recorded exchanges to any program until the signal fires: `dockline replay DIR --listen unix:/path`. Gives the
 * closed replay, whose `verify()` tells whether the program asked what was recorded.
 */
export async function serveReplay(source: ReplaySource, options: ServeReplayOptions): Promise<Replay> {
  await using served = await replay(source, options)
  options.onListening?.(served.host)
  await untilLeft(options.signal)
  return served
}
