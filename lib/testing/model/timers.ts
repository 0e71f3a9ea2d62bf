import type { Printed } from './shell-process.ts'
import type { World } from './world.ts'

/** Something that is due at a moment. Of an earlier life of the container (`run`) it is void. */
export interface Timer {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly what: 'exit' | 'probe' | 'restart' | 'output' | 'exec'
  readonly container: string
  readonly run: number
  /** Exit code, where it is not the process's own. */
  readonly code?: number | undefined
  /** What the process writes then. */
  readonly printed?: Printed | undefined
  /** The exec that ends then, or prints, when it has no code. */
  readonly exec?: string | undefined
}

export function setTimer(world: World, timer: Timer): void {
  const { timers } = world.state
  const index = timers.findIndex(({ at }) => at > timer.at)
  timers.splice(index < 0 ? timers.length : index, 0, timer)
  world.happened.ring()
}

/** Takes the next timer that is due. */
export function takeDue(world: World): Timer | undefined {
  const { timers } = world.state
  const first = timers[0]
  return first !== undefined && first.at <= world.clock.now() ? timers.shift() : undefined
}

export function clearTimers(world: World, container: string): void {
  const { timers } = world.state
  for (let i = timers.length - 1; i >= 0; i--) if (timers[i]?.container === container) timers.splice(i, 1)
}
