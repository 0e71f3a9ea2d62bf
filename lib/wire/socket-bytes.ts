import type { Duplex } from 'node:stream'

import type { DockerError } from '../base/errors.ts'

// Bytes kept for a slow reader before the socket is told to stop.
const HIGH_WATER = 256 << 10

const OVER: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined }

type Read = IteratorResult<Uint8Array, undefined>

/**
 * Bytes of a socket as they come, and its failure behind them. Node's own iterator drops what it has read when an error
 * comes; and one comes easily: a process that ends while its stdin is still written makes that write fail.
 */
export class SocketBytes implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #socket: Duplex
  #chunks: Uint8Array[] = []
  #bytes = 0
  #over = false
  #failure: DockerError | undefined
  #waiter: { resolve(read: Read): void; reject(error: DockerError): void } | undefined

  constructor(socket: Duplex, fail: (cause: unknown) => DockerError) {
    this.#socket = socket
    socket.on('data', (chunk: Uint8Array) => this.#take(chunk))
    socket.once('end', () => {
      this.#end()
      socket.destroy() // who has nothing more to say does not listen either
    })
    socket.on('error', (cause) => this.#end(fail(cause)))
    socket.once('close', () => this.#end())
  }

  /** What cut the connection before its end. */
  get failure(): DockerError | undefined {
    return this.#failure
  }

  next(): Promise<Read> {
    const [first] = this.#chunks
    if (first !== undefined) return Promise.resolve({ done: false, value: this.#give(first) })
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#over) return Promise.resolve(OVER)
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
    })
  }

  /** Closes the connection, which is no failure. */
  return(): Promise<Read> {
    this.#chunks = []
    this.#end()
    this.#socket.destroy()
    return Promise.resolve(OVER)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #take(chunk: Uint8Array): void {
    const waiter = this.#waiter
    this.#waiter = undefined
    if (waiter !== undefined) return waiter.resolve({ done: false, value: chunk })
    if (this.#over) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes > HIGH_WATER) this.#socket.pause()
  }

  #give(first: Uint8Array): Uint8Array {
    const chunks = this.#chunks
    const wasFull = this.#bytes > HIGH_WATER
    this.#chunks = []
    this.#bytes = 0
    if (wasFull) this.#socket.resume()
    return chunks.length === 1 ? first : Buffer.concat(chunks)
  }

  #end(failure?: DockerError): void {
    if (this.#over) return
    this.#over = true
    this.#failure = failure
    if (failure === undefined) this.#waiter?.resolve(OVER)
    else this.#waiter?.reject(failure)
    this.#waiter = undefined
  }
}
