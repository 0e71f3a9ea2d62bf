/** What is known of the delivery of a stream. */
export interface Delivery {
  /**
   * Resolves when everything written so far has left or failed.
   *
   * @returns why output was lost, as the operating system names it, for instance `ENOSPC`; `undefined` when nothing was
   */
  lost(): Promise<string | undefined>
}

/**
 * Keeps a stream whose other end is gone from ending the process: a reader that left (`EPIPE`), a full disk (`ENOSPC`), a
 * terminal that hung up (`EIO`). Without a listener Node.js throws such an error, in the middle of a replacement. Later
 * writes are tried all the same, for a disk may have room again.
 */
export function outliveReader(stream: NodeJS.WritableStream): Delivery {
  let lost: string | undefined
  stream.on('error', (error: NodeJS.ErrnoException) => {
    lost ??= error.code ?? error.message
  })
  return {
    lost: async () => {
      await new Promise<void>((resolve) => stream.write('', () => resolve()))
      return lost
    },
  }
}

/** True where the reader has left of its own will, as `head` does: nothing that anybody wanted is lost. */
export function isReaderGone(lost: string): boolean {
  return lost === 'EPIPE' || lost === 'ERR_STREAM_DESTROYED'
}
