import { randomBytes } from 'node:crypto'
import type { Writable } from 'node:stream'

import { ConnectionError, ProtocolError, printable } from '../base/errors.ts'
import { decode, type Decoder } from '../stream/decode.ts'
import { CLOSE, BINARY, PING, PONG, WebSocketDecoder, encodeWebSocketFrame } from '../stream/websocket.ts'
import type { Operation, Wire } from '../wire/call.ts'
import type { Hijacked } from '../wire/hijack.ts'
import { ByteStream } from './byte-stream.ts'

/** A process in a container over a WebSocket: its output as bytes, stdout and stderr together; `send` writes to it. */
export class WebSocketSession extends ByteStream {
  readonly #connection: Hijacked
  readonly #input: Writable

  /** For the operation itself; use `containers.attachWebsocket`. */
  static async open(wire: Wire, operation: Omit<Operation, 'method'>): Promise<WebSocketSession> {
    const connection = await wire.upgrade({
      ...operation,
      method: 'GET',
      protocol: 'websocket',
      headers: {
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
        'Sec-WebSocket-Version': '13',
        Origin: 'http://localhost', // dockerd's handshake refuses none with 403 (golang.org/x/net/websocket)
      },
    })
    if (connection.input !== undefined) return new WebSocketSession(connection, connection.input)
    connection.close()
    throw new ProtocolError('PROTOCOL_VIOLATION', `GET ${operation.path} was not upgraded to a WebSocket`)
  }

  private constructor(connection: Hijacked, input: Writable) {
    super(decode(connection.output, new MessageDecoder(input, () => connection.close())))
    this.#connection = connection
    this.#input = input
  }

  /** Writes to the process's stdin; resolves when the bytes are on their way. */
  async send(data: string | Uint8Array): Promise<void> {
    return write(this.#input, BINARY, Buffer.from(data))
  }

  /** Closes the connection at once. */
  override close(): void {
    super.close()
    this.#connection.close()
  }
}

// RFC 6455 §7.4.1: normal closure, going away, and a close frame without a code.
const WITHOUT_FAULT = new Set([1000, 1001, 1005])

/** Frames → the bytes of a process. */
class MessageDecoder implements Decoder<Uint8Array> {
  readonly #frames = new WebSocketDecoder()
  readonly #input: Writable
  readonly #hangUp: () => void
  #closed = false

  constructor(input: Writable, hangUp: () => void) {
    this.#input = input
    this.#hangUp = hangUp
  }

  /** @throws ConnectionError when the engine closes it with the code of a fault */
  push(chunk: Uint8Array, out: Uint8Array[]): void {
    if (this.#closed) return
    for (const { opcode, data } of this.#frames.push(chunk)) {
      if (opcode === CLOSE) return this.#close(Buffer.from(data))
      if (opcode === PING) write(this.#input, PONG, data).catch(() => {}) // what is wrong is seen in reading
      else if (opcode !== PONG) out.push(data)
    }
  }

  /** @throws ProtocolError when it ended inside a frame */
  end(): void {
    if (!this.#closed && this.#frames.isInside)
      throw new ProtocolError('PROTOCOL_VIOLATION', 'the WebSocket to the container was cut inside a frame')
  }

  #close(data: Buffer): void {
    this.#closed = true
    this.#hangUp() // the end of the bytes
    const code = data.length < 2 ? 1005 : data.readUInt16BE(0)
    if (WITHOUT_FAULT.has(code)) return
    const words = printable(data.toString('utf8', 2))
    throw new ConnectionError('CONNECTION_LOST', `the engine closed the WebSocket with code ${code}: ${words}`, {
      words,
      facts: { code },
    })
  }
}

function write(input: Writable, opcode: number, data: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    input.write(encodeWebSocketFrame(opcode, data, randomBytes(4)), (cause) => {
      if (cause) reject(new ConnectionError('CONNECTION_LOST', 'the WebSocket to the container is closed', { cause }))
      else resolve()
    })
  })
}
