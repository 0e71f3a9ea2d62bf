import { isUncertain } from '../base/errors.ts'
import type { Clock } from '../base/ports.ts'

const LOOKS = 4
const PAUSE = 300

/**
 * Takes a step once. When its effect is not known (the reply was lost, or the engine said 500, perhaps after it had done
 * it), the engine is asked whether the goal is reached; the step is not repeated.
 *
 * @throws the step's own error when the goal is not reached
 */
export async function sure(clock: Clock, step: () => Promise<unknown>, reached: () => Promise<boolean>): Promise<void> {
  try {
    await step()
  } catch (error) {
    if (!isUncertain(error)) throw error
    for (let look = 0; look < LOOKS; look++) {
      if (await reached()) return
      await clock.sleep(PAUSE)
    }
    throw error
  }
}
