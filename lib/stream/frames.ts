import { ProtocolError, StreamError, printable } from '../base/errors.ts'

/** A piece of a container's output. One frame of the wire may arrive as several pieces. */
export interface Output {
  stream: 'stdin' | 'stdout' | 'stderr'
  data: Uint8Array
}

/** Above this a frame header is taken for garbage: 64 MiB. Engines write at most some tens of KiB a frame. */
export const MAX_FRAME_BYTES: number = 64 << 20

const HEADER_BYTES = 8
const NAMES = ['stdin', 'stdout', 'stderr'] as const
const DAEMON_ERROR = 3
const MAX_ERROR_BYTES = 64 << 10

/**
 * The multiplexed stream of attach, exec and logs: `[type, 0, 0, 0, size as big-endian uint32]`, then the payload
 * (moby api/pkg/stdcopy). Two states, header and payload; chunks and frames need not line up. Payload is passed on
 * as it comes and never copied or collected.
 */
export class FrameDecoder {
  readonly #header = Buffer.alloc(HEADER_BYTES)
  #headerFill = 0
  #left = 0
  #type = 0
  #error: Uint8Array[] = []

  /** @throws ProtocolError on an impossible header; StreamError on a frame by which the engine reports an error */
  push(chunk: Uint8Array): Output[] {
    const out: Output[] = []
    let at = 0
    while (at < chunk.length) {
      if (this.#left === 0) {
        at = this.#readHeader(chunk, at)
      } else {
        const data = chunk.subarray(at, at + this.#left)
        at += data.length
        this.#left -= data.length
        this.#emit(data, out)
      }
    }
    return out
  }

  /** @throws ProtocolError when the input ended inside a frame */
  end(): void {
    if (this.#headerFill === 0 && this.#left === 0) return
    throw new ProtocolError('PROTOCOL_VIOLATION', 'the output stream was cut inside a frame')
  }

  #readHeader(chunk: Uint8Array, at: number): number {
    const take = Math.min(HEADER_BYTES - this.#headerFill, chunk.length - at)
    this.#header.set(chunk.subarray(at, at + take), this.#headerFill)
    this.#headerFill += take
    if (this.#headerFill === HEADER_BYTES) this.#begin()
    return at + take
  }

  #begin(): void {
    const header = this.#header
    const size = header.readUInt32BE(4)
    this.#type = header[0] as number
    if (this.#type > DAEMON_ERROR || header[1] !== 0 || header[2] !== 0 || header[3] !== 0 || size > MAX_FRAME_BYTES) {
      throw new ProtocolError(
        'PROTOCOL_VIOLATION',
        `not a multiplexed output stream: frame header ${header.toString('hex')}; the container may have a TTY, whose output is raw`,
      )
    }
    this.#headerFill = 0
    this.#left = size
  }

  #emit(data: Uint8Array, out: Output[]): void {
    if (this.#type !== DAEMON_ERROR) {
      out.push({ stream: NAMES[this.#type] as Output['stream'], data })
      return
    }
    this.#error.push(data)
    const text = Buffer.concat(this.#error)
    if (this.#left > 0 && text.length < MAX_ERROR_BYTES) return
    const words = printable(text.toString('utf8'))
    throw new StreamError('STREAM_FAILED', `the engine reported an error inside the stream: ${words}`, { words })
  }
}

/** Bytes → pieces of output. */
export async function* frames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Output, void, undefined> {
  const decoder = new FrameDecoder()
  for await (const chunk of chunks) yield* decoder.push(chunk)
  decoder.end()
}
