// Sources of bytes that a user gives.

/** What may be freed before it was read: a Node stream, or a generator. */
interface Releasable {
  destroy?(): unknown
  return?(value: undefined): unknown
}

/** True for what can be iterated asynchronously: a Node stream, a web stream, a generator. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator] === 'function'
}

/**
 * Watches over a source from now on. A Node stream may fail before it is read, and an `error` that nobody listens to
 * ends the process; the reader meets the error later. Leaving frees the source, also when nothing was read of it.
 */
export function watched<T>(source: AsyncIterable<T>): AsyncIterable<T> {
  ;(source as { on?: (event: 'error', listener: () => void) => void }).on?.('error', () => {})
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = source[Symbol.asyncIterator]()
      return {
        next: () => iterator.next(),
        return: async () => {
          iterator.return?.()?.catch(() => {}) // nobody is left to be told
          release(source)
          return { done: true, value: undefined }
        },
      }
    },
  }
}

/** Frees a source that is not read, or not to its end. What has ended takes no notice. */
export function release(source: unknown): void {
  const given = (source ?? {}) as Releasable
  if (typeof given.destroy === 'function') given.destroy()
  else if (typeof given.return === 'function') void Promise.resolve(given.return(undefined)).catch(() => {})
}
