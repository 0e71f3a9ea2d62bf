import { isActive, type State } from './container.ts'
import type { Was } from './marks.ts'

/** One side of a replacement as the engine shows it now. */
export interface Side {
  readonly state: State
  /** It runs without a network or a published port that it had. */
  readonly cutOff?: boolean | undefined
}

export interface OldSide extends Side {
  /** Whether its restart policy is what it was before the operation. */
  readonly armed: boolean
  /** Whether somebody has given it a name of his own: it keeps that, and is brought back under it. */
  readonly taken: boolean
}

export interface SuccessorSide extends Side {
  /** Whether somebody has given it a name of his own: it is not renamed and not removed. */
  readonly taken: boolean
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
  | 'reconnect-successor'
  | 'pause-successor'
  | 'name-old'
  | 'arm-old'
  | 'start-old'
  | 'reconnect-old'
  | 'pause-old'
  | 'stop-old'
  | 'remove-old'
  | 'stuck'

/**
 * Decides a replacement that did not come to its end, by what is there: a successor that bears the name and is proved is
 * committed, anything else is rolled back, and where the old container is gone, or its removal has begun, there is only
 * the way forward. What somebody has renamed, removed or made anew meanwhile is his: it is neither renamed nor removed. The order of the roll back keeps the marks, which are on the successor, until the end; so it can be interrupted anywhere and is
 * taken up again at the same place. `undefined` when there is nothing left to do.
 */
export function decide(seen: Observation): Step | undefined {
  if (seen.old === undefined) return forward(seen)
  if (isGoing(seen.old)) return seen.successor === undefined || seen.holder === 'stranger' ? 'stuck' : 'remove-old'
  if (isReplaced(seen)) {
    if (seen.old.taken) return undefined
    return isActive(seen.old.state) ? 'stop-old' : 'remove-old'
  }
  return rollBack(seen, seen.old)
}

/** True when the successor has taken the place of the old container for good, of which only the removal is left. */
export function isReplaced(seen: Observation): boolean {
  return seen.old === undefined || (seen.proved && standsIn(seen))
}

/** True when the successor is in the place of the old container: by its name, or by the one that it was given since. */
export function standsIn({ successor, holder }: Observation): boolean {
  return successor !== undefined && (holder === 'successor' || (successor.taken && holder === 'nobody'))
}

// Nothing brings it back: an engine starts neither.
function isGoing({ state }: Side): boolean {
  return state === 'removing' || state === 'dead'
}

function forward({ successor, holder, was, returns }: Observation): Step | undefined {
  if (successor === undefined) return undefined
  if (holder === 'nobody' && !successor.taken) return 'name-successor'
  // Somebody has removed the old one and made it anew: what was made in its place is of no use.
  if (holder === 'stranger' && !successor.taken)
    return isActive(successor.state) ? 'stop-successor' : isGoing(successor) ? undefined : 'remove-successor'
  if (returns && !successor.armed && !isGoing(successor)) return 'arm-successor'
  if (wasActive(was) && successor.state === 'created') return 'start-successor'
  if (wasActive(was) && isCutOff(successor)) return 'reconnect-successor'
  return was === 'paused' && successor.state === 'running' ? 'pause-successor' : undefined
}

function rollBack({ successor, holder, was }: Observation, old: OldSide): Step | undefined {
  // Somebody has put both where he wants them.
  if (successor?.taken === true && isActive(successor.state) && holder === 'old') return undefined
  if (successor !== undefined && isActive(successor.state)) return 'stop-successor'
  // Not before it is stopped: one that runs may still be committed by whoever finds it.
  if (successor !== undefined && successor.state === 'exited' && successor.armed) return 'disarm-successor'
  if (old.taken)
    return bringBack(was, old) ?? (successor === undefined || successor.taken ? undefined : 'remove-successor')
  if (holder === 'stranger') return 'stuck'
  if (holder === 'successor') return 'unname-successor'
  // Where the successor was taken, only that the old one is parked still tells of the operation: its name comes last.
  if (holder === 'nobody' && successor?.taken !== true) return 'name-old'
  const step = bringBack(was, old)
  if (step !== undefined) return step
  if (holder === 'nobody') return 'name-old'
  return successor === undefined || successor.taken ? undefined : 'remove-successor'
}

function bringBack(was: Was, old: OldSide): Step | undefined {
  if (!old.armed) return 'arm-old'
  if (wasActive(was) && !isActive(old.state)) return 'start-old'
  if (wasActive(was) && isCutOff(old)) return 'reconnect-old'
  return was === 'paused' && old.state === 'running' ? 'pause-old' : undefined
}

function isCutOff({ state, cutOff }: Side): boolean {
  return cutOff === true && (state === 'running' || state === 'paused')
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
  'reconnect-old': 5,
  'reconnect-successor': 5,
  'pause-old': 6,
  'pause-successor': 6,
  'stop-old': 6,
  'remove-successor': 7,
  'remove-old': 7,
}

// Those that share go before the one they share with.
const LAST_FIRST: ReadonlySet<Step> = new Set<Step>(['stop-successor', 'remove-successor', 'stop-old', 'remove-old'])

/** Each member as it counts in its group: proved when all are, or when the commit had begun and it stands in. */
export function inGroup(worlds: readonly Observation[]): Observation[] {
  const begun = worlds.length > 1 && worlds.some(({ old }) => old === undefined || isGoing(old))
  const proved = worlds.every((world) => world.proved)
  return worlds.map((world) => ({ ...world, proved: proved || (begun && standsIn(world)) }))
}

/**
 * Decides for a group, leader first: it is committed when every successor bears its name and is proved, or when the
 * commit had begun, which shows by an old container that is gone or going; else all of it is rolled back.
 */
export function decideGroup(worlds: readonly Observation[]): GroupStep | undefined {
  const steps = inGroup(worlds).flatMap((world, index) => {
    const step = decide(world)
    return step === undefined ? [] : [{ index, step }]
  })
  const [first] = steps.toSorted(
    (a, b) => RANK[a.step] - RANK[b.step] || (LAST_FIRST.has(a.step) ? b.index - a.index : a.index - b.index),
  )
  return first
}

/** How far a world is from rest; every step makes it smaller, so the steps come to an end. */
export function distance(seen: Observation): number {
  const { was, returns, successor, old, holder } = seen
  if (old === undefined) {
    if (successor === undefined) return 0
    if (holder === 'stranger' && !successor.taken) return isActive(successor.state) ? 2 : 1
    const armed = returns && !successor.armed && !isGoing(successor) ? 4 : 0
    return (
      (holder === 'successor' || successor.taken ? 0 : 8) +
      armed +
      startedness(was, successor, successor.state === 'created')
    )
  }
  const stopped = successor !== undefined && isActive(successor.state) ? 128 : 0
  const disarmed = successor?.armed === true ? 64 : 0
  const named = holder === 'old' || old.taken ? 0 : holder === 'nobody' ? 16 : 32
  const armed = old.armed ? 0 : 8
  const started = startedness(was, old, !isActive(old.state))
  const rival = seen.proved && standsIn(seen) && isActive(old.state) ? 6 : 0
  return stopped + disarmed + named + rival + armed + started + (successor === undefined ? 0 : 1) + 15
}

function startedness(was: Was, side: Side, isDown: boolean): number {
  if (wasActive(was) && isDown) return 3
  if (wasActive(was) && isCutOff(side)) return 2
  return was === 'paused' && side.state === 'running' ? 1 : 0
}
