import type { RefreshEvent } from '../refresh/index.ts'

/** An event of a job with its number, from 1. */
export interface LoggedEvent {
  readonly id: number
  readonly event: RefreshEvent
}

/** What a reader gets: the next event, or word that events which it has not seen are no longer kept. */
export type Followed = LoggedEvent | { readonly id: number; readonly missed: number }

export interface EventLogOptions {
  /** Events kept; default 1,000. */
  readonly keep?: number | undefined
  readonly monotonic: () => number
}

const KEEP = 1000
const PULL_INTERVAL = 250

/**
 * The events of one job, for any number of readers, each at its own pace. Memory is bounded: of a pull's progress only
 * what comes after a pause is kept, of everything the newest.
 */
export class EventLog {
  readonly #keep: number
  readonly #monotonic: () => number
  readonly #pulls = new Map<string, number>()
  readonly #waiting = new Set<() => void>()
  #events: LoggedEvent[] = []
  #count = 0
  #closed = false

  constructor({ keep = KEEP, monotonic }: EventLogOptions) {
    this.#keep = keep
    this.#monotonic = monotonic
  }

  /** Number of the newest event. */
  get count(): number {
    return this.#count
  }

  add(event: RefreshEvent): void {
    if (event.type === 'pull' && this.#tooSoon(event.target)) return
    this.#events.push({ id: ++this.#count, event })
    if (this.#events.length > this.#keep * 2) this.#events = this.#events.slice(-this.#keep)
    this.#wake()
  }

  /** No event follows: readers come to their end. */
  close(): void {
    this.#closed = true
    this.#wake()
  }

  /** The events after number `after`, and those to come, until the log is closed or the signal fires. */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<Followed, void, undefined> {
    // A number of another log, or a made-up one, begins anew.
    let seen = after <= this.#count ? after : 0
    while (!signal.aborted) {
      const oldest = this.#events[0]?.id ?? this.#count + 1
      if (seen < oldest - 1) yield { id: oldest - 1, missed: oldest - 1 - seen }
      seen = Math.max(seen, oldest - 1)
      const next = this.#events[seen - oldest + 1]
      if (next !== undefined) {
        seen = next.id
        yield next
      } else if (this.#closed) {
        return
      } else {
        await this.#change(signal)
      }
    }
  }

  #tooSoon(target: string): boolean {
    const now = this.#monotonic()
    if (now - (this.#pulls.get(target) ?? -Infinity) < PULL_INTERVAL) return true
    this.#pulls.set(target, now)
    return false
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
