import type { DockerError } from '../base/errors.ts'
import { hasCode } from '../base/errors.ts'
import type { Clock } from '../base/ports.ts'
import type { RefreshEngine } from './container.ts'

/** Milliseconds that one operation waits for an engine that is away, all in all. */
export const ENGINE_PATIENCE = 300_000

const FIRST_PAUSE = 250
const LONGEST_PAUSE = 2000

/** An engine that is waited for while it is away. */
export interface SteadyEngine extends RefreshEngine {
  /** How often it was away and came back. What ran then may have been stopped and started by it. */
  readonly absences: () => number
}

export interface SteadyOptions {
  readonly engine: RefreshEngine
  readonly clock: Clock
  /** Told once each time that it is away. */
  readonly onAway?: ((error: DockerError) => void) | undefined
}

/**
 * The same engine, of which a look at a container is answered once it is back: it restarts in the middle of an operation,
 * or the line to it breaks. Bounded over all looks; after that an error is the caller's. Calls that change something are
 * passed on as they are, for what has become of one only a look can tell.
 */
export function steady({ engine, clock, onAway }: SteadyOptions): SteadyEngine {
  let left = ENGINE_PATIENCE
  let absences = 0

  async function patiently<T>(read: () => Promise<T>): Promise<T> {
    let since: number | undefined
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const begun = clock.monotonic()
      try {
        const answer = await read()
        if (since !== undefined) absences++
        return answer
      } catch (error) {
        if (!isAway(error)) throw error
        if (since === undefined) onAway?.(error)
        since ??= begun
        left -= clock.monotonic() - begun + pause
        if (left <= 0) throw error
        await clock.sleep(pause)
      }
    }
  }

  const { containers } = engine
  const inspectRaw: typeof containers.inspectRaw = (...given) => patiently(() => containers.inspectRaw(...given))
  const list: typeof containers.list = (...given) => patiently(() => containers.list(...given))
  return overlaid(engine, { containers: overlaid(containers, { inspectRaw, list }), absences: () => absences })
}

// The object with some members in the place of its own. The others are called on the object itself: it may have private ones.
function overlaid<T extends object, M extends object>(target: T, members: M): T & M {
  return new Proxy(target, {
    get: (_, name) => {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name) as unknown
      const value = Reflect.get(target, name) as unknown
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  }) as T & M
}

/** True for an error by which an engine that restarts shows, or a line to it that broke. */
export function isAway(error: unknown): error is DockerError {
  return hasCode(error, 'ENGINE_UNREACHABLE', 'ENGINE_PERMISSION', 'CONNECTION_LOST', 'TIMEOUT')
}
