import type { DockerError } from '../../base/errors.ts'
import type { RemoteDigest } from '../../registry/digest.ts'

const KEPT = 32

/**
 * What a watcher remembers of a reference: only what makes it patient. What is to be done is asked of the engine and the
 * registry each time.
 */
export class Memory {
  /** The registry's last answer, and what went wrong when it gave none the last time. */
  answer: RemoteDigest | undefined
  error: DockerError | undefined
  /** Monotonic time of the last question. */
  askedAt: number = -Infinity
  /** Wall time at which the digest of `answer` came up. */
  firstSeen = 0
  /** When its image was made, as it says itself; `null` when it does not say. */
  created: number | null | undefined
  /** Monotonic time before which nothing is refreshed. */
  notBefore: number = -Infinity
  /** The last thing said about it: it is not repeated. */
  said = ''
  #looks = 0
  #failures = 0
  readonly #earlier: string[] = []
  readonly #idle = new Set<string>()

  /** Takes an answer of the registry. */
  learn(answer: RemoteDigest, now: number): void {
    this.error = undefined
    const before = this.answer?.digest
    this.#looks = before === answer.digest ? this.#looks + 1 : 1
    if (before !== answer.digest) {
      if (before !== undefined) this.outgrow([before])
      this.firstSeen = now
      this.created = undefined
      this.#idle.clear()
    }
    this.answer = answer
  }

  /** Notes digests that were moved away from. */
  outgrow(digests: readonly string[]): void {
    this.#earlier.push(...digests)
    this.#earlier.splice(0, this.#earlier.length - KEPT)
  }

  /** True for a digest that came back and was seen once only: two nodes of a registry may disagree. */
  get isUnsettled(): boolean {
    return this.answer !== undefined && this.#looks < 2 && this.#earlier.includes(this.answer.digest)
  }

  /** Notes that a refresh to this digest left a container, or the image, as it is. */
  leave(subject: string): void {
    this.#idle.add(subject)
  }

  isLeft(subject: string): boolean {
    return this.#idle.has(subject)
  }

  /** Sets when the next refresh may be: after `pause`, twice as long after each failure, at most `longest`. */
  refreshed(failed: boolean, begun: number, pause: number, longest: number): void {
    this.#failures = failed ? this.#failures + 1 : 0
    this.notBefore = begun + Math.min(pause * 2 ** Math.max(this.#failures - 1, 0), longest)
  }
}
