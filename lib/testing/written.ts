import type { Writable } from 'node:stream'

/**
 * Writes a chunk and waits until it has left: Node 26 keeps what is written in one turn and sends it as one chunk, or not
 * at all when the connection is cut in that turn.
 *
 * @throws Error when the connection has ended
 */
export function written(to: Writable, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(new Error('the connection has ended'))
    to.once('close', closed)
    to.write(chunk, (error) => {
      to.off('close', closed)
      if (error) reject(error)
      else resolve()
    })
  })
}
