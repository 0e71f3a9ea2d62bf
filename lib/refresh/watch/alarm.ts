import type { Clock } from '../../base/ports.ts'

/** A sleep that can be cut short. */
export interface Alarm {
  /** Sleeps for `ms`, or until shortly after a ring; rings from before count. Ends at once when the signal fires. */
  wait(ms: number): Promise<void>
  ring(): void
}

/** After a ring more is waited for: a stack of containers starts within seconds. */
const SETTLE = 3000
/** From one look to the next at least, however often it rings. */
const MIN_GAP = 30_000

export function createAlarm(clock: Clock, signal: AbortSignal | undefined): Alarm {
  let rung = false
  let nap = new AbortController()
  signal?.addEventListener('abort', () => nap.abort(), { once: true })
  const sleep = async (ms: number): Promise<void> => {
    nap = new AbortController()
    if (signal?.aborted === true) return
    await clock.sleep(Math.max(ms, 0), nap.signal).catch((error: unknown) => {
      if (!nap.signal.aborted) throw error
    })
  }
  return {
    ring: () => {
      if (rung) return
      rung = true
      nap.abort()
    },
    wait: async (ms) => {
      const begun = clock.monotonic()
      if (!rung) await sleep(ms)
      const slept = clock.monotonic() - begun
      if (rung) await sleep(Math.min(Math.max(SETTLE, MIN_GAP - slept), ms - slept))
      rung = false
    },
  }
}
