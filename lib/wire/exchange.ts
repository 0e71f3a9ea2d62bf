import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'

import type { Dispatcher } from 'undici'

import type { DockerError } from '../base/errors.ts'
import type { WireBody, WireResponse } from './transport.ts'

// Bytes kept for a slow reader before the socket is told to stop.
const HIGH_WATER = 256 << 10

type Controller = Dispatcher.DispatchController

interface Waiter {
  resolve(result: IteratorResult<Uint8Array, undefined>): void
  reject(error: DockerError): void
}

/**
 * One request on its way: an undici handler on the one side, a response with a pull-driven body on the other. It sits
 * on `dispatch` because undici's streams cost three times as much where every frame is a chunk of its own.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly response: Promise<WireResponse>
  readonly #fail: (cause: unknown) => DockerError
  #settle!: { resolve(response: WireResponse): void; reject(error: DockerError): void }
  #controller: Controller | undefined
  #chunks: Uint8Array[] = []
  #bytes = 0
  #waiter: Waiter | undefined
  #ended = false
  #error: DockerError | undefined
  #done: () => void = () => {}

  constructor(fail: (cause: unknown) => DockerError, signal: AbortSignal | undefined) {
    this.#fail = fail
    this.response = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    if (signal !== undefined) this.#listen(signal)
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    if (this.#error !== undefined) controller.abort(this.#error)
  }

  onRequestUpgrade(_: Controller, status: number, headers: IncomingHttpHeaders, socket: Duplex): void {
    this.#finish()
    this.#settle.resolve({ status, headers: flatten(headers), body: this.#body(), socket })
  }

  onResponseStart(_: Controller, status: number, headers: IncomingHttpHeaders): void {
    if (status >= 200) this.#settle.resolve({ status, headers: flatten(headers), body: this.#body() })
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
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
    this.#finish()
    this.#waiter?.resolve({ done: true, value: undefined })
    this.#waiter = undefined
  }

  onResponseError(_: Controller, cause: Error): void {
    this.abort(cause)
  }

  /** Ends the exchange with an error and closes its connection, at whatever point it is. */
  abort(cause: unknown): void {
    if (this.#ended) return
    this.#error = this.#fail(cause)
    this.#finish()
    this.#controller?.abort(this.#error)
    this.#settle.reject(this.#error)
    this.#waiter?.reject(this.#error)
    this.#waiter = undefined
  }

  #finish(): void {
    this.#ended = true
    this.#done()
  }

  #listen(signal: AbortSignal): void {
    const onAbort = (): void => this.abort(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    this.#done = () => signal.removeEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
  }

  #body(): WireBody {
    const cancel = (): void => {
      this.#chunks = []
      this.abort(new Error('the reader left'))
    }
    const iterator: AsyncIterator<Uint8Array, undefined> = {
      next: () => this.#next(),
      return: () => {
        cancel()
        return Promise.resolve({ done: true, value: undefined })
      },
    }
    return { cancel, [Symbol.asyncIterator]: () => iterator }
  }

  #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value =
      this.#chunks.length === 1 ? this.#chunks[0] : this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : undefined
    if (value !== undefined) {
      this.#chunks = []
      if (this.#bytes > HIGH_WATER) this.#controller?.resume()
      this.#bytes = 0
      return Promise.resolve({ done: false, value })
    }
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (this.#ended) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
    })
  }
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}
