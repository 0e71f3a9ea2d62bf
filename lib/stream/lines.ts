import { ProtocolError } from '../base/errors.ts'
import { decode, type Decoder } from './decode.ts'

/** The longest line accepted, in bytes: 1 MiB. */
export const MAX_LINE_BYTES: number = 1 << 20

const LF = 10

/**
 * Cuts bytes into blocks of whole lines, joined by LF and without a last one: as large as the chunks allow, because
 * turning bytes into text is cheap only by the block. A multi-byte character may be split between chunks.
 */
export class BlockDecoder implements Decoder<string> {
  #rest: Uint8Array[] = []
  #restBytes = 0

  /** @throws ProtocolError `PROTOCOL_VIOLATION` when a line exceeds {@link MAX_LINE_BYTES} */
  push(chunk: Uint8Array, out: string[]): void {
    const first = chunk.indexOf(LF)
    if (first < 0) {
      this.#keep(chunk)
      return
    }
    const begin = this.#restBytes === 0 ? 0 : first + 1
    if (begin > 0) this.#finish(chunk.subarray(0, first), out)
    const last = chunk.lastIndexOf(LF)
    if (last >= begin) block(chunk.subarray(begin, last), out)
    this.#keep(chunk.subarray(last + 1))
  }

  end(out: string[]): void {
    if (this.#restBytes > 0) this.#finish(new Uint8Array(), out)
  }

  #keep(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#restBytes += chunk.length
    if (this.#restBytes > MAX_LINE_BYTES) throw tooLong()
    this.#rest.push(chunk)
  }

  #finish(chunk: Uint8Array, out: string[]): void {
    this.#keep(chunk)
    out.push(Buffer.concat(this.#rest).toString('utf8'))
    this.#rest = []
    this.#restBytes = 0
  }
}

function block(bytes: Uint8Array, out: string[]): void {
  if (bytes.length > MAX_LINE_BYTES) {
    let from = 0
    for (let at = bytes.indexOf(LF); from <= bytes.length; at = bytes.indexOf(LF, from)) {
      const to = at < 0 ? bytes.length : at
      if (to - from > MAX_LINE_BYTES) throw tooLong()
      out.push(text(bytes.subarray(from, to)))
      from = to + 1
    }
  } else out.push(text(bytes))
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function tooLong(): ProtocolError {
  return new ProtocolError('PROTOCOL_VIOLATION', `a line of the stream is longer than ${MAX_LINE_BYTES} bytes`)
}

/** Cuts bytes into lines, at LF, CRLF or the end of input. The last line counts even if it has no terminator. */
export class LineDecoder implements Decoder<string> {
  readonly #blocks = new BlockDecoder()

  /** @throws ProtocolError `PROTOCOL_VIOLATION` when a line exceeds {@link MAX_LINE_BYTES} */
  push(chunk: Uint8Array, out: string[]): void {
    const blocks: string[] = []
    try {
      this.#blocks.push(chunk, blocks)
    } finally {
      cut(blocks, out)
    }
  }

  end(out: string[]): void {
    const blocks: string[] = []
    this.#blocks.end(blocks)
    cut(blocks, out)
  }
}

function cut(blocks: readonly string[], out: string[]): void {
  for (const lines of blocks) {
    for (const line of lines.split('\n')) out.push(line.endsWith('\r') ? line.slice(0, -1) : line)
  }
}

/** Bytes → lines of text. */
export function lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined, undefined> {
  return decode(chunks, new LineDecoder())
}
