import { messageOf } from '../base/errors.ts'
import type { Clock, Log } from '../base/ports.ts'

export interface WatchOptions {
  /** Milliseconds between the end of one round and the begin of the next. */
  readonly interval: number
  /** Ends the watch. */
  readonly signal: AbortSignal
}

/** Runs a round at once and then again and again until the signal fires. A round that fails is logged, not the end. */
export async function watch(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  what: string,
  { interval, signal }: WatchOptions,
  round: () => Promise<unknown>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await round()
    } catch (error) {
      if (!signal.aborted) log.warn(`a round of the ${what} failed`, { error: messageOf(error) })
    }
    try {
      await clock.sleep(interval, signal)
    } catch {
      return // the signal
    }
  }
}
