import type { EngineEvent } from './schema/events.ts'

/** As many as a replay may bring at once: dockerd keeps 256. */
const KEPT = 1024

/** The events seen last: what a replay brings again is known by time, object and action. */
export class RecentEvents {
  readonly #keys = new Set<string>()
  #last: EngineEvent | undefined

  /** The newest event seen. */
  get last(): EngineEvent | undefined {
    return this.#last
  }

  /** False for an event that was seen before. */
  add(event: EngineEvent): boolean {
    const key = keyOf(event)
    if (this.#keys.has(key)) return false
    this.#keys.add(key)
    if (this.#keys.size > KEPT) this.#keys.delete(this.#keys.values().next().value as string)
    if (this.#last === undefined || BigInt(event.timeNano) >= BigInt(this.#last.timeNano)) this.#last = event
    return true
  }

  has(event: EngineEvent): boolean {
    return this.#keys.has(keyOf(event))
  }
}

function keyOf({ timeNano, Type, Action, Actor }: EngineEvent): string {
  return `${timeNano} ${Type} ${Action} ${Actor.ID}`
}

/** Time of an event, or `earlier` nanoseconds before it, as `since` and `until` take it: seconds and nine decimals. */
export function eventTime({ timeNano }: Pick<EngineEvent, 'timeNano'>, earlier = 0n): string {
  const digits = (BigInt(timeNano) - earlier).toString().padStart(10, '0')
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`
}
