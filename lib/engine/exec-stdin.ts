// What a command that is run gets to read.
import type { Writable } from 'node:stream'

import { InputError } from '../base/errors.ts'
import { isAsyncIterable } from '../stream/source.ts'
import { upload } from '../wire/upload.ts'

/** Text or bytes, or a stream of bytes. */
export type StdinSource = string | Uint8Array | AsyncIterable<Uint8Array>

/** A source for the stdin of a command, watched from the beginning. Disposing of it leaves it. */
export interface StdinFeed extends Disposable {
  /** Writes it as the command takes it, then ends the stdin. */
  into(stdin: Writable | undefined): void
  /** Rejects when the source fails, and never resolves. */
  readonly failed: Promise<never>
}

const PIECE = 64 << 10

/** Prepares what a command reads. That the command hangs up before the end is no failure. */
export function stdinFeed(source: StdinSource | undefined): StdinFeed {
  const body = upload(source === undefined ? pieces('') : asStream(source), 'the stdin of the command')
  let reject!: (error: unknown) => void
  const failed = new Promise<never>((_, onError) => {
    reject = onError
  })
  failed.catch(() => {}) // nobody may be waiting any more
  return {
    into: (stdin) => {
      if (stdin !== undefined && source !== undefined) pump(body, stdin).catch(reject)
    },
    failed,
    [Symbol.dispose]: () => body.leave(),
  }
}

async function pump(body: AsyncIterable<Uint8Array>, stdin: Writable): Promise<void> {
  for await (const chunk of body) {
    // A turn for reading before each write: a write that fails would take with it what the command said last.
    await new Promise((resolve) => setImmediate(resolve))
    if (!(await write(stdin, chunk))) return
  }
  stdin.end()
}

// False when the command has hung up.
function write(stdin: Writable, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    stdin.write(chunk, (error) => resolve(error === undefined || error === null))
  })
}

function asStream(source: StdinSource): AsyncIterable<Uint8Array> {
  if (typeof source === 'string' || source instanceof Uint8Array) return pieces(source)
  if (isAsyncIterable(source)) return source
  throw new InputError('INPUT_INVALID', 'stdin is no input: give a text, bytes, or a stream of bytes')
}

async function* pieces(input: string | Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = Buffer.from(input)
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE)
}
