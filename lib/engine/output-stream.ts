import { Readable, type Writable } from 'node:stream'

import { decode, type Decoder } from '../stream/decode.ts'
import type { Output } from '../stream/frames.ts'
import { LineDecoder } from '../stream/lines.ts'
import { DEFAULT_MAX_BYTES, checkSize, readOnce, type ReadLimit } from './byte-stream.ts'
import { writeAll } from './output-writer.ts'

/** A line of a container's output, without its end. */
export interface OutputLine {
  readonly stream: Output['stream']
  readonly line: string
}

/** Both streams as text. */
export interface CollectedOutput {
  readonly stdout: string
  readonly stderr: string
}

export interface OutputTextOptions extends ReadLimit {
  /** Only this one; default both, as they came. */
  readonly stream?: 'stdout' | 'stderr' | undefined
}

/** Where output goes, by stream; what has no place is dropped. */
export interface OutputTargets {
  readonly stdout?: Writable | undefined
  readonly stderr?: Writable | undefined
}

/**
 * Output of a process, read once: pieces of stdout and stderr in the order in which they came. With a TTY all of it is
 * `stdout`. A reader that waits makes the process wait. Leaving closes the connection at once, also while a read waits:
 * a loop that is left, `return()` of an iterator, `destroy()` of a Node stream, the signal, `close()`, or `using`.
 */
export class OutputStream implements AsyncIterable<Output>, Disposable, AsyncDisposable {
  readonly #source: AsyncIterable<Output>
  #iterator: AsyncIterator<Output, void, undefined> | undefined
  #taken = false

  constructor(source: AsyncIterable<Output>) {
    this.#source = source
  }

  [Symbol.asyncIterator](): AsyncIterator<Output, void, undefined> {
    this.#taken = readOnce(this.#taken)
    this.#iterator = this.#source[Symbol.asyncIterator]() as AsyncIterator<Output, void, undefined>
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

  /** All of it as UTF-8. @throws StreamError `TOO_LARGE` above `maxBytes` */
  async text({ stream, maxBytes = DEFAULT_MAX_BYTES }: OutputTextOptions = {}): Promise<string> {
    const pieces: Uint8Array[] = []
    let size = 0
    for await (const piece of this) {
      if (stream !== undefined && piece.stream !== stream) continue
      size = checkSize(size + piece.data.length, maxBytes)
      pieces.push(piece.data)
    }
    return Buffer.concat(pieces).toString('utf8')
  }

  /** All of it, stdout and stderr apart. @throws StreamError `TOO_LARGE` when both together exceed `maxBytes` */
  async collect({ maxBytes = DEFAULT_MAX_BYTES }: ReadLimit = {}): Promise<CollectedOutput> {
    const collected = new OutputCollector(maxBytes)
    for await (const piece of this) collected.add(piece)
    return collected.text()
  }

  /** Line by line; a line that is not finished waits while the other stream goes on. @throws ProtocolError above 1 MiB */
  lines(): AsyncGenerator<OutputLine, void, undefined> {
    return decode(this, new OutputLineDecoder())
  }

  /**
   * Writes it to Node streams as fast as they take it; resolves at its end, which does not end them.
   *
   * @throws AbortedError `ABORTED` when one of them fails or is closed, which closes the connection too
   */
  writeTo(targets: OutputTargets): Promise<void> {
    return writeAll(this, targets)
  }

  /** As one Node stream of bytes, stdout and stderr together; destroying it closes the connection. */
  readable(): Readable {
    return Readable.from(decode(this, dataOnly), { objectMode: false })
  }
}

const dataOnly: Decoder<Uint8Array, Output> = { push: ({ data }, out) => void out.push(data), end: () => {} }

class OutputLineDecoder implements Decoder<OutputLine, Output> {
  readonly #decoders = { stdin: new LineDecoder(), stdout: new LineDecoder(), stderr: new LineDecoder() }

  push({ stream, data }: Output, out: OutputLine[]): void {
    const lines: string[] = []
    try {
      this.#decoders[stream].push(data, lines)
    } finally {
      for (const line of lines) out.push({ stream, line })
    }
  }

  end(out: OutputLine[]): void {
    for (const stream of ['stdin', 'stdout', 'stderr'] as const) {
      const lines: string[] = []
      this.#decoders[stream].end(lines)
      for (const line of lines) out.push({ stream, line })
    }
  }
}

/** Keeps output in memory, stdout and stderr apart. */
export class OutputCollector {
  readonly #pieces = { stdin: [] as Uint8Array[], stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  readonly #maxBytes: number
  #size = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** @throws StreamError `TOO_LARGE` */
  add({ stream, data }: Output): void {
    this.#size = checkSize(this.#size + data.length, this.#maxBytes)
    this.#pieces[stream].push(data)
  }

  text(): CollectedOutput {
    const text = (stream: 'stdout' | 'stderr') => Buffer.concat(this.#pieces[stream]).toString('utf8')
    return { stdout: text('stdout'), stderr: text('stderr') }
  }
}
