import * as z from 'zod/mini'

import type { Clock } from '../base/ports.ts'

/** How the watcher does. */
export interface WatcherState {
  /** Looks that failed in a row until now; 0 is well. */
  readonly failures: number
  /** When it last looked at everything and all was well, in RFC 3339. */
  readonly lookedAt: string | null
}

export const watcherState: z.ZodMiniType<WatcherState> = z.object({
  failures: z.number(),
  lookedAt: z.nullable(z.string()),
})

/** What is known of the watcher in this process, if there is one. */
export interface Watcher {
  /** It has looked at everything, and all was well or something failed. */
  looked(isWell: boolean): void
  /** `undefined` before its first look. */
  state(): WatcherState | undefined
  /** True when it has failed too often in a row to be a passing trouble, however often it was started anew. */
  isFailing(): boolean
}

const TOO_OFTEN = 3

export function createWatcher({ now }: Pick<Clock, 'now'>): Watcher {
  let state: WatcherState | undefined
  return {
    looked: (isWell) => {
      const { failures = 0, lookedAt = null } = state ?? {}
      state = isWell ? { failures: 0, lookedAt: new Date(now()).toISOString() } : { failures: failures + 1, lookedAt }
    },
    state: () => state,
    isFailing: () => (state?.failures ?? 0) >= TOO_OFTEN,
  }
}
