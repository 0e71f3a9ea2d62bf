import type { Clock } from '../../base/ports.ts'

/** A clock that goes only when its owner, or nobody else, has something to do. */
export interface ManualClock extends Clock {
  /** Moves time on, waking each sleeper at its own moment and in order. */
  advance(ms: number): Promise<void>
  /** Sleepers that wait now. */
  readonly sleeping: number
}

export interface ManualClockOptions {
  /** Milliseconds since the epoch at the start; default 2026-01-01. */
  readonly start?: number | undefined
  /**
   * Moves on by itself to the next sleeper as soon as nothing else runs, so that waiting takes no time. Calls that cross
   * a real socket may still be under way then; with an engine's own transport nothing ever is.
   */
  readonly auto?: boolean | undefined
}

interface Sleeper {
  readonly at: number
  wake(): void
}

/** Time that a test owns. */
export function manualClock(options: ManualClockOptions = {}): ManualClock {
  const start = options.start ?? Date.UTC(2026, 0, 1)
  const sleepers = new Set<Sleeper>()
  let elapsed = 0
  let scheduled = false

  const earliest = (): Sleeper | undefined => {
    let first: Sleeper | undefined
    for (const sleeper of sleepers) if (first === undefined || sleeper.at < first.at) first = sleeper
    return first
  }
  const wakeNext = (until: number): boolean => {
    const next = earliest()
    if (next === undefined || next.at > until) return false
    elapsed = Math.max(elapsed, next.at)
    sleepers.delete(next)
    next.wake()
    return true
  }
  const schedule = (): void => {
    if (options.auto !== true || scheduled || sleepers.size === 0) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      wakeNext(Infinity)
      schedule()
    })
  }

  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    get sleeping() {
      return sleepers.size
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason as Error)
          return
        }
        const onAbort = (): void => {
          sleepers.delete(sleeper)
          reject(signal?.reason as Error)
        }
        const sleeper: Sleeper = {
          at: elapsed + Math.max(0, ms),
          wake: () => {
            signal?.removeEventListener('abort', onAbort)
            resolve()
          },
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        sleepers.add(sleeper)
        schedule()
      }),
    advance: async (ms) => {
      const until = elapsed + ms
      do await settled()
      while (wakeNext(until))
      elapsed = until
    },
  }
}

/** Resolves when what was ready to run has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
