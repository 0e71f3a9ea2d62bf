// The writing side of a raw connection.
import { Writable, type Duplex } from 'node:stream'

import type { DockerError } from '../base/errors.ts'

/**
 * Writes to the socket of a raw connection. Ending it half-closes the socket, destroying it closes the connection. Its
 * errors are those of this library: the socket itself would give bare system errors, and other ones on each Node.js.
 */
export class SocketWriter extends Writable {
  readonly #socket: Duplex
  readonly #fail: (cause: unknown) => DockerError

  constructor(socket: Duplex, fail: (cause: unknown) => DockerError) {
    super()
    this.#socket = socket
    this.#fail = fail
    this.on('error', () => {}) // without a listener a process that hangs up would end this one
    socket.once('close', () => this.destroy())
  }

  override _write(chunk: Uint8Array, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, (cause) => done(cause ? this.#fail(cause) : null))
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end((cause?: Error | null) => done(cause ? this.#fail(cause) : null))
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.writableFinished) this.#socket.destroy(error ?? undefined)
    done(error)
  }
}
