import type { Clock, Random } from '../base/ports.ts'

const FIRST = 200
const LAST = 30_000
/** A connection that held this long was a good one. */
const GOOD = 10_000

/** How long to wait before the next try: doubling from 0.2 to 30 seconds, of which a random half is taken off. */
export class Backoff {
  readonly #clock: Clock
  readonly #random: Pick<Random, 'fraction'>
  #delay = FIRST
  #since: number | undefined

  constructor(clock: Clock, random: Pick<Random, 'fraction'>) {
    this.#clock = clock
    this.#random = random
  }

  /** A try has come through; the delay starts over if that lasts. */
  succeeded(): void {
    this.#since = this.#clock.monotonic()
  }

  /** Rejects with the signal's reason as soon as it fires. */
  async wait(signal?: AbortSignal): Promise<void> {
    if (this.#since !== undefined && this.#clock.monotonic() - this.#since >= GOOD) this.#delay = FIRST
    this.#since = undefined
    const delay = this.#delay * (1 - this.#random.fraction() / 2)
    this.#delay = Math.min(this.#delay * 2, LAST)
    await this.#clock.sleep(delay, signal)
  }
}
