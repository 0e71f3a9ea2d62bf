/** Bytes in, values out: a state machine that is fed chunks wherever they happen to be cut. */
export interface Decoder<T, In = Uint8Array> {
  /** Appends to `out` what became whole. What stands there when it throws is good. */
  push(chunk: In, out: T[]): void
  /** The input is over; the reader is told so when the promise resolves. @throws when it ended inside of something */
  end(out: T[]): void | Promise<void>
  /** Turns an error, its own or that of the source, into the one that the reader gets. */
  fail?(error: unknown): unknown
}

/**
 * Bytes → values, on demand: nothing is read before it is asked for. Leaving the loop leaves the source too, even
 * while a read is under way. Values that came before an error are given before it, however the bytes were cut.
 */
export function decode<T, In = Uint8Array>(
  chunks: AsyncIterable<In>,
  decoder: Decoder<T, In>,
): AsyncGenerator<T, undefined, undefined> {
  return new Decoded(chunks[Symbol.asyncIterator](), decoder)
}

type Result<T> = IteratorResult<T, undefined>

// By hand, because an async generator costs three promises for each value, and a chunk may hold thousands.
class Decoded<T, In> implements AsyncGenerator<T, undefined, undefined> {
  readonly #source: AsyncIterator<In>
  readonly #decoder: Decoder<T, In>
  #ready: T[] = []
  #at = 0
  #over = false
  #ending = false
  #left = false
  #failure: { readonly error: unknown } | undefined
  #reading: Promise<Result<T>> | undefined

  constructor(source: AsyncIterator<In>, decoder: Decoder<T, In>) {
    this.#source = source
    this.#decoder = decoder
  }

  next(): Promise<Result<T>> {
    if (this.#at < this.#ready.length) return Promise.resolve({ done: false, value: this.#ready[this.#at++] as T })
    if (this.#reading !== undefined) return this.#reading.then(this.#again, this.#again)
    if (this.#failure !== undefined) return this.#fail()
    if (this.#over) return Promise.resolve({ done: true, value: undefined })
    this.#reading = this.#read()
    return this.#reading
  }

  return(): Promise<Result<T>> {
    this.#stop()
    return Promise.resolve({ done: true, value: undefined })
  }

  throw(error: unknown): Promise<Result<T>> {
    this.#stop()
    return Promise.reject(error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #read(): Promise<Result<T>> {
    return this.#source.next().then(this.#accept, this.#refuse)
  }

  readonly #again = (): Promise<Result<T>> => this.next()

  readonly #accept = (chunk: IteratorResult<In, unknown>): Result<T> | Promise<Result<T>> => {
    if (this.#over) return { done: true, value: undefined }
    const out: T[] = []
    this.#ready = out
    this.#at = 0
    try {
      if (chunk.done !== true) this.#decoder.push(chunk.value, out)
      else {
        this.#over = true
        const ending = this.#decoder.end(out)
        if (ending !== undefined) {
          this.#ending = true
          return ending.then(this.#give, this.#giveUp)
        }
      }
    } catch (error) {
      return this.#giveUp(error)
    }
    return out.length === 0 && !this.#over ? this.#read() : this.#give()
  }

  readonly #give = (): Promise<Result<T>> => {
    this.#ending = false
    this.#reading = undefined
    return this.next()
  }

  readonly #giveUp = (error: unknown): Promise<Result<T>> => {
    if (!this.#left) this.#failure = { error }
    this.#ending = false
    this.#leave(this.#failure)
    return this.#give()
  }

  readonly #refuse = (error: unknown): Promise<Result<T>> => {
    this.#reading = undefined
    if (this.#over) return Promise.resolve({ done: true, value: undefined })
    this.#over = true
    this.#failure = { error }
    return this.#fail()
  }

  #fail(): Promise<Result<T>> {
    const error = this.#failure?.error
    this.#failure = undefined
    return Promise.reject(this.#decoder.fail === undefined ? error : this.#decoder.fail(error))
  }

  #stop(): void {
    this.#ready = []
    this.#at = 0
    this.#left = true
    this.#leave()
  }

  // A source that wants to know why it is left has a throw().
  #leave(failure?: { readonly error: unknown }): void {
    if (this.#over && !this.#ending) return
    this.#over = true
    const source = this.#source
    const leaving =
      failure !== undefined && source.throw !== undefined ? source.throw(failure.error) : source.return?.()
    leaving?.catch(() => {}) // nobody waits for what it has to say
  }
}
