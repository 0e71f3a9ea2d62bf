import { ProtocolError } from '../base/errors.ts'

/** The longest line accepted, in bytes: 1 MiB. */
export const MAX_LINE_BYTES: number = 1 << 20

const LF = 10

/**
 * Cuts bytes into lines, at LF, CRLF or the end of input; a multi-byte character may be split between chunks.
 * Push bytes, get the lines that became whole; `end()` gives the last line if it had no terminator.
 */
export class LineDecoder {
  #rest: Uint8Array[] = []
  #restBytes = 0

  /** @throws ProtocolError `PROTOCOL_VIOLATION` when a line exceeds {@link MAX_LINE_BYTES} */
  push(chunk: Uint8Array): string[] {
    const last = chunk.lastIndexOf(LF)
    if (last < 0) {
      this.#keep(chunk)
      return []
    }
    const lines = this.#take(chunk.subarray(0, last)).split('\n')
    this.#keep(chunk.subarray(last + 1))
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] as string
      if (line.length > MAX_LINE_BYTES) throw tooLong()
      if (line.endsWith('\r')) lines[i] = line.slice(0, -1)
    }
    return lines
  }

  /** The unterminated last line, if there is one. */
  end(): string | undefined {
    if (this.#restBytes === 0) return undefined
    const line = this.#take(new Uint8Array())
    return line.endsWith('\r') ? line.slice(0, -1) : line
  }

  #keep(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#restBytes += chunk.length
    if (this.#restBytes > MAX_LINE_BYTES) throw tooLong()
    this.#rest.push(chunk)
  }

  #take(chunk: Uint8Array): string {
    const text = this.#restBytes === 0 ? view(chunk) : Buffer.concat([...this.#rest, chunk])
    this.#rest = []
    this.#restBytes = 0
    return text.toString('utf8')
  }
}

function view(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

function tooLong(): ProtocolError {
  return new ProtocolError('PROTOCOL_VIOLATION', `a line of the stream is longer than ${MAX_LINE_BYTES} bytes`)
}

/** Bytes → lines of text. */
export async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new LineDecoder()
  for await (const chunk of chunks) yield* decoder.push(chunk)
  const last = decoder.end()
  if (last !== undefined) yield last
}
