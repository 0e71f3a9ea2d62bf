import { Readable } from 'node:stream'

import { AbortedError, StreamError } from '../base/errors.ts'
import { lines } from '../stream/lines.ts'

/** How much of a stream may be read into memory. */
export interface ReadLimit {
  /** Default 16 MiB. */
  readonly maxBytes?: number | undefined
}

export const DEFAULT_MAX_BYTES: number = 16 << 20

/**
 * Bytes as they come from the engine, read once. Nothing is sent before the first read, and a reader that waits makes the
 * engine wait. Leaving closes the connection at once, also while a read waits: a loop that is left, `return()` of an
 * iterator, `destroy()` of a Node stream, the signal, `close()`, or `using`.
 */
export class ByteStream implements AsyncIterable<Uint8Array>, Disposable, AsyncDisposable {
  readonly #source: AsyncIterable<Uint8Array>
  #iterator: AsyncIterator<Uint8Array, void, undefined> | undefined
  #taken = false

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, void, undefined> {
    this.#taken = readOnce(this.#taken)
    this.#iterator = this.#source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, void, undefined>
    return this.#iterator
  }

  /** Closes the connection at once; whoever reads is at its end. */
  close(): void {
    this.#taken = true
    this.#iterator?.return?.()?.catch(() => {}) // nobody waits for what it has to say
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close()
    return Promise.resolve()
  }

  /** All of it. @throws StreamError `TOO_LARGE` above `maxBytes` */
  async bytes({ maxBytes = DEFAULT_MAX_BYTES }: ReadLimit = {}): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of this) {
      size = checkSize(size + chunk.length, maxBytes)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }

  /** All of it as UTF-8. @throws StreamError `TOO_LARGE` above `maxBytes` */
  async text(limit: ReadLimit = {}): Promise<string> {
    return Buffer.from(await this.bytes(limit)).toString('utf8')
  }

  /** Line by line, without their ends. @throws ProtocolError on a line above 1 MiB */
  lines(): AsyncGenerator<string, void, undefined> {
    return lines(this)
  }

  /** As a Node stream of bytes; destroying it closes the connection. */
  readable(): Readable {
    return Readable.from(this, { objectMode: false })
  }
}

/** @throws AbortedError on a second reader: the bytes are gone */
export function readOnce(taken: boolean): true {
  if (taken) throw new AbortedError('ABORTED', 'this stream has been read already: start the operation anew')
  return true
}

/** @throws StreamError `TOO_LARGE` */
export function checkSize(size: number, maxBytes: number): number {
  if (size <= maxBytes) return size
  throw new StreamError(
    'TOO_LARGE',
    `the stream is longer than ${maxBytes} bytes: read it in pieces, or raise maxBytes`,
  )
}
