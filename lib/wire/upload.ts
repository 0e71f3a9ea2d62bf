import { AbortedError, isDockerError, messageOf } from '../base/errors.ts'
import { watched as watch } from '../stream/source.ts'

/** A body on its way out. */
export interface Upload extends AsyncIterable<Uint8Array> {
  /** Frees its source, wherever it is, also when nothing was read of it yet. */
  leave(): void
}

/**
 * Watches over the source of an upload: its failure becomes an error that says so, and not a lost connection, and it is
 * left when the request is over, for engines may answer before they have read all, or never begin.
 */
export function upload(source: AsyncIterable<Uint8Array>, request: string): Upload {
  const iterator = watch(source)[Symbol.asyncIterator]()
  let over = false
  const watched: AsyncIterator<Uint8Array, undefined> = {
    next: async () => {
      if (over) return { done: true, value: undefined }
      try {
        const result = await iterator.next()
        over ||= result.done === true
        return result.done === true ? { done: true, value: undefined } : result
      } catch (cause) {
        over = true
        if (isDockerError(cause)) throw cause // it says better what is wrong with the body
        throw new AbortedError('ABORTED', `${request} was given up: its body failed: ${messageOf(cause, 200)}`, {
          cause,
        })
      }
    },
    return: async () => {
      leave()
      return { done: true, value: undefined }
    },
  }
  function leave(): void {
    if (over) return
    over = true
    iterator.return?.()?.catch(() => {}) // nobody is left to be told
  }
  return { leave, [Symbol.asyncIterator]: () => watched }
}
