// What a command that is run gets to read.
import type { Writable } from 'node:stream'

import { upload } from '../wire/upload.ts'

/** Text or bytes, or a stream of bytes. */
export type StdinSource = string | Uint8Array | AsyncIterable<Uint8Array>

/** A stdin that is being written. Disposing of it leaves the source. */
export interface StdinFeed extends Disposable {
  /** Rejects when the source fails, and never resolves. */
  readonly failed: Promise<never>
}

const PIECE = 64 << 10

/** Writes a source to the stdin of a command as it takes it, then ends it. That the command hangs up is no failure. */
export function feedStdin(stdin: Writable | undefined, source: StdinSource | undefined): StdinFeed {
  const body = upload(source === undefined ? pieces('') : asStream(source), 'the stdin of the command')
  let reject!: (error: unknown) => void
  const failed = new Promise<never>((_, onError) => {
    reject = onError
  })
  failed.catch(() => {}) // nobody may be waiting any more
  if (stdin !== undefined && source !== undefined) pump(body, stdin).catch(reject)
  return { failed, [Symbol.dispose]: () => body.leave() }
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
  return typeof source === 'string' || source instanceof Uint8Array ? pieces(source) : source
}

async function* pieces(input: string | Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = Buffer.from(input)
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE)
}
