import { randomBytes } from 'node:crypto'
import type { Writable } from 'node:stream'

import { ConnectionError, ProtocolError } from '../base/errors.ts'
import { CLOSE, BINARY, PING, PONG, WebSocketDecoder, encodeWebSocketFrame } from '../stream/websocket.ts'
import type { Operation, Wire } from '../wire/call.ts'
import type { Hijacked } from '../wire/hijack.ts'
import { ByteStream } from './byte-stream.ts'

/** A process in a container over a WebSocket: its output as bytes, stdout and stderr together; `send` writes to it. */
export class WebSocketSession extends ByteStream implements Disposable {
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
    super(messages(connection, input))
    this.#connection = connection
    this.#input = input
  }

  /** Writes to the process's stdin; resolves when the bytes are on their way. */
  send(data: string | Uint8Array): Promise<void> {
    return write(this.#input, BINARY, Buffer.from(data))
  }

  /** Closes the connection at once. */
  close(): void {
    this.#connection.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

async function* messages(connection: Hijacked, input: Writable): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = new WebSocketDecoder()
  for await (const chunk of connection.output) {
    for (const { opcode, data } of decoder.push(chunk)) {
      if (opcode === CLOSE) return
      if (opcode === PING) await write(input, PONG, data)
      else if (opcode !== PONG) yield data
    }
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
