import { AbortedError, WorkspaceError } from '../../base/errors.ts'

/**
 * The starts under way, one for each workspace at most. A stop or a removal ends the one of its workspace, and goes on
 * when that has taken down what it had made: else a deleted workspace would come up after its deletion.
 */
export class Starts {
  readonly #running = new Map<string, { readonly abort: AbortController; readonly ended: Promise<unknown> }>()

  /** Runs a start; its signal fires when it is to end. @throws WorkspaceError `BUSY` while another one runs */
  async run<T>(id: string, outer: AbortSignal | undefined, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#running.has(id)) throw new WorkspaceError('BUSY', `workspace ${id} is being started already`)
    const abort = new AbortController()
    const signal = outer === undefined ? abort.signal : AbortSignal.any([outer, abort.signal])
    const result = start(signal)
    const ended = Promise.allSettled([result])
    this.#running.set(id, { abort, ended })
    try {
      return await result
    } finally {
      this.#running.delete(id)
    }
  }

  /** Ends the start of a workspace, if there is one, and waits until nothing of it is left. */
  async cancel(id: string): Promise<void> {
    const running = this.#running.get(id)
    if (running === undefined) return
    running.abort.abort(new AbortedError('ABORTED', `the start of workspace ${id} was ended by its stop or removal`))
    await running.ended
  }
}
