import { hasCode, isUncertain, isUnreachable } from '../base/errors.ts'
import type { Clock } from '../base/ports.ts'

const LOOKS = 4
const PAUSE = 300
const TRIES = 3

/**
 * Takes a step. When its effect is not known (the reply was lost, or the engine said 500, perhaps after it had done it),
 * the engine is asked whether the goal is reached. The step is taken again only where it is not, and the line to the
 * engine was lost: what an engine did not do before it went down it does once it is back.
 *
 * @param reached looks at the engine; a look that waits for one that is away makes the step do so too
 * @throws the step's own error when the goal is not reached
 */
export async function sure(clock: Clock, step: () => Promise<unknown>, reached: () => Promise<boolean>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await step()
      return
    } catch (error) {
      if (!isUncertain(error) && !isUnreachable(error)) throw error
      for (let look = 0; look < LOOKS; look++) {
        if (await reached()) return
        await clock.sleep(PAUSE)
      }
      if (tries === TRIES || !hasCode(error, 'CONNECTION_LOST', 'ENGINE_UNREACHABLE')) throw error
    }
  }
}
