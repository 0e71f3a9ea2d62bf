import type { Clock } from '../../base/ports.ts'

/** Knows deliveries that came before. */
export interface ReplayGuard {
  /** `late` for what is outside of the window, `repeated` for what came before within it. */
  judge(fingerprint: string, at: number | undefined): 'new' | 'repeated' | 'late'
}

// GitHub repeats a delivery only when asked to, a registry until it is answered; clocks differ a little.
const PAST = 3_600_000
const FUTURE = 300_000
const MAX_KEPT = 10_000

/**
 * A delivery is proved by the signature of its body for ever, so that whoever saw one could send it again. Its own time,
 * which is signed with it, must be within the last hour, and within that hour each body counts once.
 */
export function createReplayGuard({ now }: Pick<Clock, 'now'>): ReplayGuard {
  const seen = new Map<string, number>()
  return {
    judge: (fingerprint, at) => {
      const time = now()
      for (const [old, until] of seen) {
        if (until > time && seen.size <= MAX_KEPT) break
        seen.delete(old)
      }
      if (at === undefined || at < time - PAST || at > time + FUTURE) return 'late'
      if (seen.has(fingerprint)) return 'repeated'
      seen.set(fingerprint, time + PAST + FUTURE)
      return 'new'
    },
  }
}
