// Generators that can be left while they wait.

type Result<T> = IteratorResult<T, undefined>

interface Pending<T> {
  resolve(result: Result<T>): void
  reject(error: unknown): void
}

/**
 * Makes a generator that can be left at once: `return()` of a plain one waits for the `next()` before it, which may take
 * for ever. `left` fires then, and what the generator still says is dropped. `released` is called once when it is left,
 * even before it was started, or has ended.
 */
export function leavable<T>(
  start: (left: AbortSignal) => AsyncGenerator<T, unknown, undefined>,
  released?: () => void,
): AsyncGenerator<T, undefined, undefined> {
  return new Leavable(start, released)
}

class Leavable<T> implements AsyncGenerator<T, undefined, undefined> {
  readonly #left = new AbortController()
  readonly #pending = new Set<Pending<T>>()
  readonly #start: (left: AbortSignal) => AsyncGenerator<T, unknown, undefined>
  readonly #released: () => void
  #generator: AsyncGenerator<T, unknown, undefined> | undefined

  constructor(start: (left: AbortSignal) => AsyncGenerator<T, unknown, undefined>, released: () => void = () => {}) {
    this.#start = start
    this.#released = released
  }

  next(): Promise<Result<T>> {
    if (this.#left.signal.aborted) return Promise.resolve({ done: true, value: undefined })
    this.#generator ??= this.#start(this.#left.signal)
    const step = this.#generator.next()
    return new Promise((resolve, reject) => {
      const pending = { resolve, reject }
      this.#pending.add(pending)
      void this.#settle(step, pending)
    })
  }

  return(): Promise<Result<T>> {
    this.#leave()
    return Promise.resolve({ done: true, value: undefined })
  }

  throw(error: unknown): Promise<Result<T>> {
    this.#leave()
    return Promise.reject(error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  // What comes after it was left is dropped.
  async #settle(step: Promise<IteratorResult<T, unknown>>, pending: Pending<T>): Promise<void> {
    try {
      const result = await step
      if (!this.#pending.delete(pending)) return
      if (result.done !== true) return pending.resolve(result)
      this.#leave()
      pending.resolve({ done: true, value: undefined })
    } catch (error) {
      if (!this.#pending.delete(pending)) return
      this.#leave()
      pending.reject(error)
    }
  }

  #leave(): void {
    if (this.#left.signal.aborted) return
    this.#left.abort()
    this.#released()
    this.#generator?.return(undefined).catch(() => {}) // nobody is left to be told
    for (const pending of this.#pending) pending.resolve({ done: true, value: undefined })
    this.#pending.clear()
  }
}

/** The same values from a source that is left when the signal fires. */
export function leftWith<T>(source: AsyncIterable<T>, left: AbortSignal): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = source[Symbol.asyncIterator]()
      const leave = (): void => void iterator.return?.()?.catch(() => {})
      if (left.aborted) leave()
      else left.addEventListener('abort', leave, { once: true })
      return iterator
    },
  }
}
