import type { Clock } from '../base/ports.ts'

/** What a promise gives, or `undefined` when it takes longer than `ms`. Whatever it stands for goes on. */
export async function within<T>(promise: Promise<T>, ms: number, clock: Pick<Clock, 'sleep'>): Promise<T | undefined> {
  const settled = new AbortController()
  const late = clock.sleep(ms, settled.signal).then(
    () => undefined,
    () => undefined,
  )
  try {
    return await Promise.race([promise, late])
  } finally {
    settled.abort()
  }
}
