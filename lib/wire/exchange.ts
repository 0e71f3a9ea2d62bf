import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'

import type { Dispatcher } from 'undici'

import { InputError, type DockerError } from '../base/errors.ts'
import type { WireBody, WireResponse } from './transport.ts'

// Bytes kept for a slow reader before the socket is told to stop.
const HIGH_WATER = 256 << 10

const OVER: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined }

type Controller = Dispatcher.DispatchController
type Read = IteratorResult<Uint8Array, undefined>

interface Waiter {
  resolve(result: Read): void
  reject(error: DockerError): void
}

/** What an exchange tells to who started it. */
export interface ExchangeOptions {
  readonly signal?: AbortSignal | undefined
  /** Turns a cause into the error that is thrown. */
  readonly fail: (cause: unknown) => DockerError
  /** Called once, when the connection is not needed any more: `reusable` after a whole answer, else it must be closed. */
  readonly onEnd: (reusable: boolean) => void
}

/**
 * One request on its way: an undici handler on the one side, a response with a pull-driven body on the other. It sits
 * on `dispatch` because undici's streams cost three times as much where every frame is a chunk of its own.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly response: Promise<WireResponse>
  readonly #options: ExchangeOptions
  #settle!: { resolve(response: WireResponse): void; reject(error: DockerError): void }
  #controller: Controller | undefined
  #socket: Duplex | undefined
  #chunks: Uint8Array[] = []
  #bytes = 0
  #waiter: Waiter | undefined
  #ended = false
  #error: DockerError | undefined

  constructor(options: ExchangeOptions) {
    this.#options = options
    this.response = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    options.signal?.addEventListener('abort', this.#onAbort)
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
  }

  // The connection is the caller's now; here it is only watched, so that the signal and close() reach it.
  onRequestUpgrade(_: Controller, status: number, headers: IncomingHttpHeaders, socket: Duplex): void {
    this.#socket = socket
    socket.on('error', () => {}) // without a listener a reset would end the process
    socket.once('close', () => this.#finish(false))
    this.#settle.resolve({ status, headers: flatten(headers), body: this.#body(), socket })
  }

  onResponseStart(_: Controller, status: number, headers: IncomingHttpHeaders): void {
    if (status >= 200) this.#settle.resolve({ status, headers: flatten(headers), body: this.#body() })
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#ended) return
    if (this.#waiter !== undefined) {
      const waiter = this.#waiter
      this.#waiter = undefined
      waiter.resolve({ done: false, value: chunk })
      return
    }
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes > HIGH_WATER) controller.pause()
  }

  onResponseEnd(): void {
    this.#finish(true)
    this.#waiter?.resolve(OVER)
    this.#waiter = undefined
  }

  onResponseError(_: Controller, cause: Error): void {
    this.abort(cause)
  }

  /** Ends the exchange with an error and closes its connection, at whatever point it is. */
  abort(cause: unknown): void {
    if (this.#ended) return
    const error = this.#options.fail(cause)
    this.#error = error
    this.#finish(false)
    this.#socket?.destroy(error)
    this.#settle.reject(error)
    this.#waiter?.reject(error)
    this.#waiter = undefined
  }

  readonly #onAbort = (): void => {
    this.#chunks = [] // an abort is at once, a lost connection comes after what arrived
    this.abort(this.#options.signal?.reason)
  }

  #finish(reusable: boolean): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    this.#options.onEnd(reusable)
  }

  #body(): WireBody {
    const cancel = (): void => this.#leave()
    const iterator: AsyncIterator<Uint8Array, undefined> = {
      next: () => this.#next(),
      return: () => {
        cancel()
        return Promise.resolve(OVER)
      },
    }
    return { cancel, [Symbol.asyncIterator]: () => iterator }
  }

  #leave(): void {
    this.#chunks = []
    if (this.#socket === undefined) this.#finish(false)
    this.#waiter?.resolve(OVER)
    this.#waiter = undefined
  }

  #next(): Promise<Read> {
    if (this.#chunks.length > 0) return Promise.resolve({ done: false, value: this.#takeChunks() })
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (this.#ended || this.#socket !== undefined) return Promise.resolve(OVER)
    if (this.#waiter !== undefined)
      return Promise.reject(new InputError('INPUT_INVALID', 'a body is read by one reader, one chunk after the other'))
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
    })
  }

  #takeChunks(): Uint8Array {
    const chunks = this.#chunks
    const wasFull = this.#bytes > HIGH_WATER
    this.#chunks = []
    this.#bytes = 0
    if (wasFull) this.#controller?.resume() // which may bring more at once
    return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks)
  }
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}
