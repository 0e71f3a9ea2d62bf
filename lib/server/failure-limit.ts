import type { Clock } from '../base/ports.ts'

export interface FailureLimitOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  /** Failures that an address may have at once; default 10. */
  readonly burst?: number | undefined
  /** Milliseconds after which one of them is forgotten; default 6,000. */
  readonly forgetAfter?: number | undefined
}

/** Slows down whoever guesses tokens. */
export interface FailureLimit {
  /** Seconds until the address may try again; 0 when it may now. */
  wait(address: string): number
  failed(address: string): void
}

const MAX_ADDRESSES = 10_000

/** A leaky bucket for each address; the one that failed longest ago goes when there are too many. */
export function createFailureLimit({ clock, burst = 10, forgetAfter = 6000 }: FailureLimitOptions): FailureLimit {
  const buckets = new Map<string, { level: number; at: number }>()
  const level = (address: string): number => {
    const bucket = buckets.get(address)
    return bucket === undefined ? 0 : Math.max(0, bucket.level - (clock.monotonic() - bucket.at) / forgetAfter)
  }
  return {
    wait: (address) => {
      const over = level(address) - (burst - 1)
      return over <= 0 ? 0 : Math.ceil((over * forgetAfter) / 1000)
    },
    failed: (address) => {
      const next = level(address) + 1
      buckets.delete(address)
      buckets.set(address, { level: next, at: clock.monotonic() })
      if (buckets.size > MAX_ADDRESSES) buckets.delete(buckets.keys().next().value as string)
    },
  }
}
