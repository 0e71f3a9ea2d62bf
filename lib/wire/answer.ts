/** How the body of an answer is got, and what is to be done when nobody reads it any more. */
export interface AnswerOptions {
  /** Asks for the answer; called when its first chunk is asked for. The signal fires when the reader has left. */
  open(left: AbortSignal): Promise<AsyncIterable<Uint8Array>>
  /** Called once: at the end, at an error, or when the reader leaves; not when nothing was ever read. */
  closed(error?: unknown): void
}

/** The chunks of an answer that is asked for when it is read. Leaving it works at any point, also before it has begun. */
export function answer(options: AnswerOptions): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => new Answer(options) }
}

type Chunk = IteratorResult<Uint8Array, undefined>

class Answer implements AsyncIterator<Uint8Array, undefined> {
  readonly #options: AnswerOptions
  readonly #left = new AbortController()
  #body: AsyncIterator<Uint8Array> | undefined
  #state: 'new' | 'open' | 'over' = 'new'

  constructor(options: AnswerOptions) {
    this.#options = options
  }

  next(): Promise<Chunk> {
    if (this.#state === 'over') return Promise.resolve({ done: true, value: undefined })
    const chunk = this.#body === undefined ? this.#open() : this.#body.next()
    return chunk.then(this.#onChunk, this.#onError)
  }

  return(): Promise<Chunk> {
    return this.#leave()
  }

  throw(error: unknown): Promise<Chunk> {
    return this.#leave(error)
  }

  async #open(): Promise<IteratorResult<Uint8Array>> {
    this.#state = 'open'
    const body = (await this.#options.open(this.#left.signal))[Symbol.asyncIterator]()
    this.#body = body
    return body.next()
  }

  readonly #onChunk = (chunk: IteratorResult<Uint8Array>): Chunk => {
    if (chunk.done !== true) return chunk
    this.#close()
    return { done: true, value: undefined }
  }

  readonly #onError = (error: unknown): Chunk => {
    this.#close(error)
    throw error
  }

  async #leave(error?: unknown): Promise<Chunk> {
    this.#left.abort()
    const body = this.#body
    this.#close(error)
    await body?.return?.()
    return { done: true, value: undefined }
  }

  #close(error?: unknown): void {
    if (this.#state === 'open') this.#options.closed(error)
    this.#state = 'over'
  }
}
