import { isActive, type State } from './container.ts'
import type { Was } from './marks.ts'

/** One side of a replacement as the engine shows it now. */
export interface Side {
  readonly state: State
}

export interface OldSide extends Side {
  /** Whether its restart policy is what it was before the operation. */
  readonly armed: boolean
}

export interface SuccessorSide extends Side {
  /** Whether it has a restart policy: an engine that restarts then starts it, stopped or not. */
  readonly armed: boolean
}

/** All that a decision rests on; nothing is remembered. */
export interface Observation {
  readonly was: Was
  /** Whether the container has a restart policy at all. */
  readonly returns: boolean
  /** `undefined` when it is gone. */
  readonly successor: SuccessorSide | undefined
  readonly old: OldSide | undefined
  /** Whose the container's name is now. */
  readonly holder: 'successor' | 'old' | 'nobody' | 'stranger'
  /** Whether the successor is through the gate. Asked only where it matters. */
  readonly proved: boolean
}

/** The one next thing to do, towards a world in which exactly one container bears the name. */
export type Step =
  | 'stop-successor'
  | 'disarm-successor'
  | 'unname-successor'
  | 'remove-successor'
  | 'name-successor'
  | 'arm-successor'
  | 'start-successor'
  | 'pause-successor'
  | 'name-old'
  | 'arm-old'
  | 'start-old'
  | 'pause-old'
  | 'stop-old'
  | 'remove-old'
  | 'stuck'

/**
 * Decides a replacement that did not come to its end, by what is there: a successor that bears the name and is proved is
 * committed, anything else is rolled back, and where the old container is gone, or its removal has begun, there is only
 * the way forward. The order of the roll back keeps the marks, which are on the successor, until the end; so it can be interrupted anywhere and is
 * taken up again at the same place. `undefined` when there is nothing left to do.
 */
export function decide(seen: Observation): Step | undefined {
  if (seen.old === undefined) return forward(seen)
  if (isGoing(seen.old)) return seen.successor === undefined || seen.holder === 'stranger' ? 'stuck' : 'remove-old'
  if (seen.successor !== undefined && seen.holder === 'successor' && seen.proved)
    return isActive(seen.old.state) ? 'stop-old' : 'remove-old'
  return rollBack(seen, seen.old)
}

// Nothing brings it back: an engine starts neither.
function isGoing({ state }: Side): boolean {
  return state === 'removing' || state === 'dead'
}

function forward({ successor, holder, was, returns }: Observation): Step | undefined {
  if (successor === undefined) return undefined
  if (holder === 'nobody') return 'name-successor'
  if (holder === 'stranger') return 'stuck'
  if (returns && !successor.armed && !isGoing(successor)) return 'arm-successor'
  if (wasActive(was) && successor.state === 'created') return 'start-successor'
  return was === 'paused' && successor.state === 'running' ? 'pause-successor' : undefined
}

function rollBack({ successor, holder, was }: Observation, old: OldSide): Step | undefined {
  if (successor !== undefined && isActive(successor.state)) return 'stop-successor'
  // Not before it is stopped: one that runs may still be committed by whoever finds it.
  if (successor !== undefined && successor.state === 'exited' && successor.armed) return 'disarm-successor'
  if (holder === 'stranger') return 'stuck'
  if (holder === 'successor') return 'unname-successor'
  if (holder === 'nobody') return 'name-old'
  if (!old.armed) return 'arm-old'
  if (wasActive(was) && !isActive(old.state)) return 'start-old'
  if (was === 'paused' && old.state === 'running') return 'pause-old'
  return successor === undefined ? undefined : 'remove-successor'
}

function wasActive(was: Was): boolean {
  return was === 'running' || was === 'paused' || was === 'restarting'
}

/** A step and the member of the group that it is about. */
export interface GroupStep {
  readonly index: number
  readonly step: Step
}

// In which order a group goes: nobody starts before all names are right, nothing is removed before all are started.
const RANK: Readonly<Record<Step, number>> = {
  stuck: 0,
  'stop-successor': 1,
  'disarm-successor': 2,
  'unname-successor': 3,
  'name-old': 3,
  'name-successor': 3,
  'arm-old': 4,
  'arm-successor': 4,
  'start-old': 5,
  'start-successor': 5,
  'pause-old': 6,
  'pause-successor': 6,
  'stop-old': 6,
  'remove-successor': 7,
  'remove-old': 7,
}

// Those that share go before the one they share with.
const LAST_FIRST: ReadonlySet<Step> = new Set<Step>(['stop-successor', 'remove-successor', 'stop-old', 'remove-old'])

/**
 * Decides for a group, leader first: it is committed when every successor bears its name and is proved, or when the
 * commit had begun, which shows by an old container that is gone or going; else all of it is rolled back.
 */
export function decideGroup(worlds: readonly Observation[]): GroupStep | undefined {
  const begun = worlds.length > 1 && worlds.some(({ old }) => old === undefined || isGoing(old))
  const proved = worlds.every((world) => world.proved)
  const steps = worlds.flatMap((world, index) => {
    const step = decide({ ...world, proved: proved || (begun && world.holder === 'successor') })
    return step === undefined ? [] : [{ index, step }]
  })
  const [first] = steps.toSorted(
    (a, b) => RANK[a.step] - RANK[b.step] || (LAST_FIRST.has(a.step) ? b.index - a.index : a.index - b.index),
  )
  return first
}

/** How far a world is from rest; every step makes it smaller, so the steps come to an end. */
export function distance({ was, returns, successor, old, holder }: Observation): number {
  if (old === undefined) {
    if (successor === undefined) return 0
    const armed = returns && !successor.armed && !isGoing(successor) ? 4 : 0
    const started =
      wasActive(was) && successor.state === 'created' ? 2 : was === 'paused' && successor.state === 'running' ? 1 : 0
    return (holder === 'successor' ? 0 : 8) + armed + started
  }
  const stopped = successor !== undefined && isActive(successor.state) ? 128 : 0
  const disarmed = successor?.armed === true ? 64 : 0
  const named = holder === 'old' ? 0 : holder === 'nobody' ? 16 : 32
  const armed = old.armed ? 0 : 8
  const started = wasActive(was) && !isActive(old.state) ? 4 : was === 'paused' && old.state === 'running' ? 2 : 0
  const rival = holder === 'successor' && isActive(old.state) ? 6 : 0
  return stopped + disarmed + named + rival + armed + started + (successor === undefined ? 0 : 1) + 15
}
