import { ProtocolError } from '../base/errors.ts'
import { MAX_FRAME_BYTES } from './frames.ts'

/** A frame of a WebSocket (RFC 6455), or the rest of one that was split. */
export interface WebSocketFrame {
  readonly opcode: number
  readonly data: Uint8Array
}

export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

const LENGTH_16 = 126
const LENGTH_64 = 127

/** Cuts the bytes of a server into frames; a server does not mask. */
export class WebSocketDecoder {
  #rest: Uint8Array = new Uint8Array()

  /** Whether a frame has begun and not ended. */
  get isInside(): boolean {
    return this.#rest.length > 0
  }

  /** @throws ProtocolError on a masked frame or one above 64 MiB */
  push(chunk: Uint8Array): WebSocketFrame[] {
    const frames: WebSocketFrame[] = []
    let bytes = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk])
    for (let frame = read(bytes); frame !== undefined; frame = read(bytes)) {
      frames.push(frame)
      bytes = bytes.subarray(frame.end)
    }
    this.#rest = bytes
    return frames
  }
}

function read(bytes: Buffer): (WebSocketFrame & { end: number }) | undefined {
  if (bytes.length < 2) return undefined
  const opcode = (bytes[0] as number) & 15
  const [length, at] = readLength(bytes, bytes[1] as number)
  if (length > MAX_FRAME_BYTES) throw broken(`a frame of ${length} bytes`)
  if (length < 0 || bytes.length < at + length) return undefined
  return { opcode, data: bytes.subarray(at, at + length), end: at + length }
}

// -1: not all of the header is there.
function readLength(bytes: Buffer, second: number): [length: number, at: number] {
  if (second > LENGTH_64) throw broken('a masked frame')
  if (second < LENGTH_16) return [second, 2]
  if (second === LENGTH_16) return bytes.length < 4 ? [-1, 4] : [bytes.readUInt16BE(2), 4]
  return bytes.length < 10 ? [-1, 10] : [Number(bytes.readBigUInt64BE(2)), 10]
}

function broken(what: string): ProtocolError {
  return new ProtocolError('PROTOCOL_VIOLATION', `the engine broke the WebSocket protocol: ${what}`)
}

/** A whole frame of a client, masked with four random bytes as RFC 6455 §5.3 wants it. */
export function encodeWebSocketFrame(opcode: number, data: Uint8Array, mask: Uint8Array): Uint8Array {
  const length = data.length < LENGTH_16 ? 0 : data.length < 1 << 16 ? 2 : 8
  const frame = Buffer.alloc(2 + length + 4 + data.length)
  frame[0] = 0x80 | opcode
  frame[1] = 0x80 | (length === 0 ? data.length : length === 2 ? LENGTH_16 : LENGTH_64)
  if (length === 2) frame.writeUInt16BE(data.length, 2)
  if (length === 8) frame.writeBigUInt64BE(BigInt(data.length), 2)
  const at = 2 + length
  frame.set(mask, at)
  for (let i = 0; i < data.length; i++) frame[at + 4 + i] = (data[i] as number) ^ (mask[i & 3] as number)
  return frame
}
