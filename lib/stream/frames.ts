import { ProtocolError, StreamError, printable } from '../base/errors.ts'
import { decode, type Decoder } from './decode.ts'

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
export class FrameDecoder implements Decoder<Output> {
  readonly #header = Buffer.alloc(HEADER_BYTES)
  #headerFill = 0
  #left = 0
  #type = 0
  #error: Uint8Array[] = []
  #errorBytes = 0

  /** How many bytes come before the next edge of a frame: of its header or of its payload. */
  get untilEdge(): number {
    return this.#left > 0 ? this.#left : HEADER_BYTES - this.#headerFill
  }

  /** Whether it is inside of a payload. */
  get isInPayload(): boolean {
    return this.#left > 0
  }

  /** @throws ProtocolError on an impossible header; StreamError on a frame by which the engine reports an error */
  push(chunk: Uint8Array, out: Output[]): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#left === 0) {
        at = this.#readHeader(chunk, at)
      } else {
        const data = chunk.subarray(at, at + this.#left)
        at += data.length
        this.#left -= data.length
        if (this.#type === DAEMON_ERROR) this.#collect(data)
        else out.push({ stream: NAMES[this.#type] as Output['stream'], data })
      }
    }
  }

  /** @throws ProtocolError when the input ended inside a frame; StreamError when that was the engine's error */
  end(): void {
    if (this.#headerFill === 0 && this.#left === 0) return
    if (this.#errorBytes > 0) throw this.#reported()
    throw new ProtocolError('PROTOCOL_VIOLATION', 'the output stream was cut inside a frame')
  }

  #readHeader(chunk: Uint8Array, at: number): number {
    if (this.#headerFill === 0 && chunk.length - at >= HEADER_BYTES) {
      this.#begin(chunk, at)
      return at + HEADER_BYTES
    }
    const take = Math.min(HEADER_BYTES - this.#headerFill, chunk.length - at)
    this.#header.set(chunk.subarray(at, at + take), this.#headerFill)
    this.#headerFill += take
    if (this.#headerFill === HEADER_BYTES) {
      this.#headerFill = 0
      this.#begin(this.#header, 0)
    }
    return at + take
  }

  #begin(bytes: Uint8Array, at: number): void {
    const byte = (i: number): number => bytes[at + i] as number
    const size = byte(4) * 2 ** 24 + ((byte(5) << 16) | (byte(6) << 8) | byte(7))
    this.#type = byte(0)
    if (this.#type > DAEMON_ERROR || (byte(1) | byte(2) | byte(3)) !== 0 || size > MAX_FRAME_BYTES) {
      const header = Buffer.from(bytes.subarray(at, at + HEADER_BYTES)).toString('hex')
      throw new ProtocolError(
        'PROTOCOL_VIOLATION',
        `not a multiplexed output stream: frame header ${header}; the container may have a TTY, whose output is raw`,
      )
    }
    this.#left = size
    if (size === 0 && this.#type === DAEMON_ERROR) throw this.#reported()
  }

  #collect(data: Uint8Array): void {
    this.#error.push(data)
    this.#errorBytes += data.length
    if (this.#left === 0 || this.#errorBytes >= MAX_ERROR_BYTES) throw this.#reported()
  }

  #reported(): StreamError {
    const words = printable(Buffer.concat(this.#error).toString('utf8'))
    return new StreamError('STREAM_FAILED', `the engine reported an error inside the stream: ${words}`, { words })
  }
}

/** Bytes → pieces of output. */
export function frames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Output, undefined, undefined> {
  return decode(chunks, new FrameDecoder())
}
