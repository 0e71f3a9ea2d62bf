import { Readable, type Writable } from 'node:stream'

import type { Output } from '../stream/frames.ts'
import { LineDecoder } from '../stream/lines.ts'
import { DEFAULT_MAX_BYTES, checkSize, readOnce, type ReadLimit } from './byte-stream.ts'

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
 * `stdout`. A reader that waits makes the process wait, and leaving a loop closes the connection.
 */
export class OutputStream implements AsyncIterable<Output> {
  readonly #source: AsyncIterable<Output>
  #taken = false

  constructor(source: AsyncIterable<Output>) {
    this.#source = source
  }

  [Symbol.asyncIterator](): AsyncIterator<Output, void, undefined> {
    this.#taken = readOnce(this.#taken)
    return this.#source[Symbol.asyncIterator]() as AsyncIterator<Output, void, undefined>
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
  async *lines(): AsyncGenerator<OutputLine, void, undefined> {
    const decoders = { stdin: new LineDecoder(), stdout: new LineDecoder(), stderr: new LineDecoder() }
    for await (const { stream, data } of this) {
      const lines: string[] = []
      decoders[stream].push(data, lines)
      for (const line of lines) yield { stream, line }
    }
    for (const stream of ['stdin', 'stdout', 'stderr'] as const) {
      const lines: string[] = []
      decoders[stream].end(lines)
      for (const line of lines) yield { stream, line }
    }
  }

  /** Writes it to Node streams as fast as they take it; resolves at its end, which does not end them. */
  async writeTo(targets: OutputTargets): Promise<void> {
    for await (const { stream, data } of this) {
      const target = stream === 'stdin' ? undefined : targets[stream]
      if (target !== undefined) await write(target, data)
    }
  }

  /** As one Node stream of bytes, stdout and stderr together; destroying it closes the connection. */
  readable(): Readable {
    return Readable.from(dataOf(this), { objectMode: false })
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

async function* dataOf(output: AsyncIterable<Output>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { data } of output) yield data
}

// Settled by the callback and not by "drain", which never comes from a target that was destroyed.
function write(target: Writable, data: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    target.write(data, (error) => (error ? reject(error) : resolve()))
  })
}
