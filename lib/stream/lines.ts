import { ProtocolError } from '../base/errors.ts'
import { decode, type Decoder } from './decode.ts'

/** The longest line accepted, in bytes: 1 MiB. */
export const MAX_LINE_BYTES: number = 1 << 20

const LF = 10

/**
 * Cuts bytes into lines, at LF, CRLF or the end of input; a multi-byte character may be split between chunks.
 * The last line counts even if it has no terminator.
 */
export class LineDecoder implements Decoder<string> {
  #rest: Uint8Array[] = []
  #restBytes = 0

  /** @throws ProtocolError `PROTOCOL_VIOLATION` when a line exceeds {@link MAX_LINE_BYTES} */
  push(chunk: Uint8Array, out: string[]): void {
    const last = chunk.lastIndexOf(LF)
    if (last >= 0) {
      const mayBeLong = this.#restBytes + last > MAX_LINE_BYTES
      for (const line of this.#take(chunk.subarray(0, last)).split('\n')) {
        if (mayBeLong && Buffer.byteLength(line) > MAX_LINE_BYTES) throw tooLong()
        out.push(withoutCr(line))
      }
    }
    this.#keep(chunk.subarray(last + 1))
  }

  end(out: string[]): void {
    if (this.#restBytes > 0) out.push(withoutCr(this.#take(new Uint8Array())))
  }

  #keep(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#restBytes += chunk.length
    if (this.#restBytes > MAX_LINE_BYTES) throw tooLong()
    this.#rest.push(chunk)
  }

  #take(chunk: Uint8Array): string {
    const bytes = this.#restBytes === 0 ? view(chunk) : Buffer.concat([...this.#rest, chunk])
    this.#rest = []
    this.#restBytes = 0
    return bytes.toString('utf8')
  }
}

function view(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

function withoutCr(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

function tooLong(): ProtocolError {
  return new ProtocolError('PROTOCOL_VIOLATION', `a line of the stream is longer than ${MAX_LINE_BYTES} bytes`)
}

/** Bytes → lines of text. */
export function lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined, undefined> {
  return decode(chunks, new LineDecoder())
}
