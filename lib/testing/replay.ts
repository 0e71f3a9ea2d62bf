import type { Duplex } from 'node:stream'

import { ProtocolError } from '../base/errors.ts'
import { rechunk } from './chunks.ts'
import { loadRecordings, type Exchange, type Recording, type Replacement, type UpgradeStep } from './exchange-file.ts'
import { playRaw } from './play-raw.ts'
import { createScript, type Script, type ScriptOptions } from './script.ts'
import { readRequest } from './scrub.ts'
import { serve } from './serve.ts'
import { jsonReply, untilLeft, type ServedReply, type ServedRequest } from './served.ts'

export interface ReplayOptions extends ScriptOptions {
  /** Path of the socket; default one in a new temporary directory. */
  readonly listen?: string | undefined
  /** Cuts the answers into chunks of so many bytes, from 1 up; default the recorded chunks. */
  readonly chunkSize?: number | undefined
  /** Replaced in what is asked, beside what the recording itself replaces; as in `record()`. */
  readonly replace?: readonly Replacement[] | undefined
}

export interface Replay extends AsyncDisposable {
  readonly socketPath: string
  /** `unix://…`, fit for `DOCKER_HOST`. */
  readonly host: string
  /** What was served. */
  readonly exchanges: readonly Exchange[]
  /** What went wrong so far, a line each; exchanges that were not asked for yet are not among them. */
  readonly problems: readonly string[]
  /**
   * Every exchange was asked for once, and nothing else.
   *
   * @throws ProtocolError `REPLAY_MISMATCH` naming what was asked but not recorded, what was closest, and what was not asked
   */
  verify(): void
  close(): Promise<void>
}

/**
 * Serves recorded exchanges over a real unix socket, to any program in any language.
 *
 * `source` is an exchange file, a directory of them, a list of such paths, or the exchanges themselves. Requests are
 * matched by method, path, query and body, whatever version of the API the program speaks; headers do not count. Lists that
 * have no order for an engine match in any: `Env`, `Binds`, `Mounts`, `CapAdd`, `Aliases` and the like, the bindings of a
 * port, `filters`. What was not recorded is answered by a 501 that says what was asked, what is closest, and the first
 * JSON path at which the two differ with both values, and fails `verify()`.
 */
export async function replay(source: ReplaySource, options: ReplayOptions = {}): Promise<Replay> {
  const recordings = await recordingsOf(source)
  const exchanges = recordings.flatMap((recording) => recording.exchanges)
  const script = createScript(recordings, options)

  const served = await serve(async (request) => {
    const { method, target, headers, body } = request
    const found = script.take(({ replace }) =>
      readRequest([...replace, ...(options.replace ?? [])], method, target, headers, body),
    )
    return 'problem' in found ? jsonReply(501, { message: found.problem }) : answer(found, request, script, options)
  }, options.listen)

  const verify = (): void => {
    const unasked = script
      .unasked()
      .map(({ name, request }) => `not asked: ${request.method} ${request.path} (${name})`)
    const problems = [...script.problems, ...unasked]
    if (problems.length > 0)
      throw new ProtocolError('REPLAY_MISMATCH', `the replay differs from the recording:\n- ${problems.join('\n- ')}`)
  }
  return { ...served, exchanges, problems: script.problems, verify }
}

export type ReplaySource = string | readonly string[] | readonly Exchange[]

async function recordingsOf(source: ReplaySource): Promise<readonly Recording[]> {
  if (typeof source === 'string') return loadRecordings(source)
  return areExchanges(source) ? [{ exchanges: source, replace: [] }] : loadRecordings(...source)
}

function areExchanges(source: readonly string[] | readonly Exchange[]): source is readonly Exchange[] {
  return typeof source[0] === 'object'
}

async function answer(
  exchange: Exchange,
  { signal }: ServedRequest,
  script: Script,
  { chunkSize }: ReplayOptions,
): Promise<ServedReply | undefined> {
  const { response, upgrade, fail } = exchange
  if (response.status === 0 && response.open === true) await untilLeft(signal)
  if (fail === 'reset' || response.status === 0) return undefined
  const upgraded = (steps: readonly UpgradeStep[]) => (client: Duplex) =>
    void playRaw(client, steps).catch((error: Error) => {
      script.note(`${exchange.request.method} ${exchange.request.path}: ${error.message}`)
      client.destroy()
    })
  return {
    status: response.status,
    headers: Object.entries(response.headers).flat(),
    body: body(exchange, signal, chunkSize),
    upgraded: upgrade === undefined ? undefined : upgraded(upgrade),
  }
}

async function* body(
  { response, fail }: Exchange,
  signal: AbortSignal,
  size: number | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const recorded = response.chunks.map((chunk) => Buffer.from(chunk, 'base64'))
  const limit = typeof fail === 'object' ? fail.cutAfter : Infinity
  let sent = 0
  for (const chunk of size === undefined ? recorded : rechunk(recorded, size)) {
    yield chunk.subarray(0, limit - sent)
    sent += chunk.length
    if (sent >= limit) break
  }
  if (typeof fail === 'object') throw new Error(`cut after ${limit} bytes`)
  if (response.open === true) await untilLeft(signal)
}
