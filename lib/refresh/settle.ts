import { RefreshError, hasCode, isNotFound, isUncertain, messageOf } from '../base/errors.ts'
import { canonicalJson } from '../base/json.ts'
import type { Clock } from '../base/ports.ts'
import type { RestartPolicy } from '../engine/schema/host-config.ts'
import { lacks, proveConnected, reconnect, startConnected } from './connections.ts'
import { isActive, see, stateOf, type RefreshEngine, type Seen } from './container.ts'
import { decideGroup, inGroup, isReplaced, standsIn, type Observation, type Step } from './decide.ts'
import { endLoop, hasEnded, stopSurely } from './end.ts'
import { baselineOf, gate, type GateOptions } from './gate.ts'
import type { Prober } from './probe.ts'
import { leftOf, leftOpen, type Left } from './left-open.ts'
import { stopStateOf } from './stop-state.ts'
import { isTaken, nextName, readMarks, type Marks } from './marks.ts'

export interface SettleContext {
  readonly engine: RefreshEngine
  readonly clock: Clock
  readonly prober?: Prober | undefined
  readonly gate?: GateOptions | undefined
  /** Full id of the container that this process runs in: it does not end itself. */
  readonly selfId?: string | undefined
  /** Told, now and then, that something is waited for: a stop that has not ended, or an engine that is away. */
  readonly onWait?: ((name: string, what: 'stop' | 'engine') => void) | undefined
  readonly onStep?: ((step: Step, name: string) => void) | undefined
}

/** One container on its way: its marks, and the id of the container that carries them. */
export interface Member {
  readonly marks: Marks
  readonly successorId: string
}

/** A replacement under way: one container, or a leader and those that share its namespaces or volumes, in this order. */
export type Operation = readonly Member[]

/** How an operation ended. `dropped`: somebody had removed the old container and made it anew. */
export type Settled = 'committed' | 'rolled-back' | 'dropped'

/** Of an operation that was dropped. */
export const DROPPED = 'somebody removed it and made it anew: what was made in its place is gone again'

/** No restart policy. */
export const DISARMED = { Name: 'no', MaximumRetryCount: 0 } as const

const MAX_STEPS = 24
const TRIES = 3

/**
 * Brings an operation to its end by what the engine shows: looks, decides on one step, takes it, looks again. A step
 * whose effect is not known (reply lost, 500) is not repeated blindly, for the next look tells.
 *
 * @param context with an engine that is waited for, this waits for it too
 * @param wanted `roll back` when the successors are known not to do; `decide` lets the gate tell
 * @throws RefreshError `ROLLBACK_FAILED`, or `IN_FLIGHT`, with what is left and the commands that mend it
 */
export async function settle(
  context: SettleContext,
  operation: Operation,
  wanted: 'decide' | 'roll back',
): Promise<Settled> {
  let looks: readonly Look[] | undefined
  let member = operation[0] as Member
  const failures = new Map<string, number>()
  const fixed = new Set<string>()
  try {
    if (wanted === 'decide') await awaitStops(context, operation)
    for (let taken = 0; taken < MAX_STEPS * operation.length; taken++) {
      looks = await observe(context, operation, wanted)
      const worlds = looks.map(({ world }, i) =>
        fixed.has((operation[i] as Member).successorId) ? withoutPolicy(world) : world,
      )
      const next = decideGroup(worlds)
      if (next === undefined) return settled(worlds)
      member = operation[next.index] as Member
      if (next.step === 'stuck') throw new Error('the name is held by a container that has no part in this')
      if (endsSelf(next.step, member, context.selfId))
        throw new RefreshError('BUSY', 'dockline itself runs in it: "dockline recover" from outside ends it')
      context.onStep?.(next.step, member.marks.name)
      try {
        await ACTS[next.step](context, member)
        failures.clear()
      } catch (error) {
        if (hasCode(error, 'IN_FLIGHT')) throw error
        // podman 4 has no such call, and no daemon: its policy starts only what had crashed before it was stopped.
        if (isNotFound(error) && next.step.endsWith('arm-successor'))
          fixed.add(await endLoop(context, member.successorId))
        // A step that failed and is not asked for again took effect.
        const step = `${next.index} ${next.step}`
        const failed = (failures.get(step) ?? 0) + 1
        failures.set(step, failed)
        if (failed >= TRIES && !isNotFound(error))
          throw new Error(`${next.step}: ${messageOf(error)}`, { cause: error })
        await context.clock.sleep(isUncertain(error) ? 500 : 100)
      }
    }
    throw new Error('it did not come to rest')
  } catch (error) {
    throw hasCode(error, 'BUSY') ? error : leftOpen(operation, looks, member, error)
  }
}

// What a process that is gone had asked to stop ends by that, however much it looks as if it ran.
async function awaitStops(context: SettleContext, operation: Operation): Promise<void> {
  const { engine } = context
  for (const { marks, successorId } of operation) {
    for (const id of [marks.replaces, successorId]) {
      const seen = await see(engine, id)
      if (seen === undefined || !isActive(stateOf(seen))) continue
      if ((await stopStateOf(engine, seen)).kind === 'in flight') await hasEnded(context, seen, 'go on')
    }
  }
}

function settled(worlds: readonly Observation[]): Settled {
  if (!inGroup(worlds).every(isReplaced)) return 'rolled-back'
  return worlds.some(isAnew) ? 'dropped' : 'committed'
}

function isAnew({ old, successor, holder }: Observation): boolean {
  return old === undefined && successor === undefined && holder === 'stranger'
}

function withoutPolicy({ successor, ...world }: Observation): Observation {
  return { ...world, returns: false, successor: successor === undefined ? undefined : { ...successor, armed: false } }
}

async function observe(context: SettleContext, operation: Operation, wanted: 'decide' | 'roll back'): Promise<Look[]> {
  const looks = await Promise.all(operation.map((member) => look(context.engine, member)))
  const worlds = looks.map(({ world }) => world)
  const mayCommit = wanted === 'decide' && worlds.every(standsIn)
  if (!mayCommit || worlds.some(({ old }) => old === undefined)) return looks
  const verdicts = await Promise.all(operation.map((member, i) => isProved(context, member, looks[i] as Look)))
  return looks.map((one, i) => ({ ...one, world: { ...one.world, proved: verdicts[i] as boolean } }))
}

interface Look extends Left {
  readonly world: Observation
}

async function look(engine: RefreshEngine, member: Member): Promise<Look> {
  const { marks, successorId } = member
  const left = await leftOf(engine, member)
  const { successor, old, named } = left
  const holders: Readonly<Record<string, Observation['holder']>> = {
    [successorId]: 'successor',
    [marks.replaces]: 'old',
  }
  const world: Observation = {
    was: marks.was,
    returns: hasPolicy(marks.restart),
    successor:
      successor === undefined
        ? undefined
        : {
            state: stateOf(successor),
            armed: hasPolicy(successor.view.HostConfig.RestartPolicy),
            taken: isTaken(successor.name, marks),
            cutOff: lacks(successor, marks.networks) !== '',
          },
    old:
      old === undefined
        ? undefined
        : {
            state: stateOf(old),
            armed: isArmed(old, marks.restart),
            taken: isTaken(old.name, marks),
            cutOff: lacks(old, marks.networks) !== '',
          },
    holder: named === undefined ? 'nobody' : (holders[named.id] ?? 'stranger'),
    proved: false,
  }
  return { ...left, world }
}

async function isProved(
  { engine, clock, prober, gate: options }: SettleContext,
  { marks, successorId }: Member,
  { world, old }: Look,
): Promise<boolean> {
  if (old === undefined || !isActive(marks.was)) return true
  if (world.successor?.cutOff === true) return false
  if (marks.was === 'paused') return world.successor?.state === 'paused'
  const baseline = { ...baselineOf(old), restarting: marks.was === 'restarting' }
  return (await gate({ engine, clock, prober }, successorId, baseline, options)).passed
}

/** True when the container has the restart policy of the mark. `""` and `no` are one. */
export function isArmed(old: Seen, policy: RestartPolicy): boolean {
  return canonicalPolicy(old.view.HostConfig.RestartPolicy) === canonicalPolicy(policy)
}

function hasPolicy({ Name }: RestartPolicy): boolean {
  return Name !== '' && Name !== 'no'
}

function canonicalPolicy({ Name, MaximumRetryCount }: RestartPolicy): string {
  return canonicalJson({ Name: Name === '' ? 'no' : Name, MaximumRetryCount: MaximumRetryCount ?? 0 })
}

function endsSelf(step: Step, { marks, successorId }: Member, selfId: string | undefined): boolean {
  return step === 'stop-successor' ? successorId === selfId : step === 'stop-old' && marks.replaces === selfId
}

type Act = (context: SettleContext, member: Member) => Promise<unknown>

const ACTS: Readonly<Record<Exclude<Step, 'stuck'>, Act>> = {
  'stop-successor': (context, { successorId }) => stop(context, successorId),
  'disarm-successor': ({ engine }, { successorId }) =>
    engine.containers.update(successorId, { RestartPolicy: DISARMED }),
  'arm-successor': ({ engine }, { successorId, marks }) =>
    engine.containers.update(successorId, { RestartPolicy: marks.restart }),
  'unname-successor': ({ engine }, { successorId, marks }) =>
    engine.containers.rename(successorId, nextName(marks.name)),
  'remove-successor': ({ engine }, { successorId }) => engine.containers.remove(successorId),
  'name-successor': ({ engine }, { successorId, marks }) => engine.containers.rename(successorId, marks.name),
  'start-successor': (context, { successorId, marks }) => start(context, successorId, marks),
  'reconnect-successor': (context, { successorId, marks }) => startAnew(context, successorId, marks),
  'pause-successor': ({ engine }, { successorId }) => engine.containers.pause(successorId),
  'name-old': ({ engine }, { marks }) => engine.containers.rename(marks.replaces, marks.name),
  'arm-old': ({ engine }, { marks }) => engine.containers.update(marks.replaces, { RestartPolicy: marks.restart }),
  'start-old': (context, { marks }) => start(context, marks.replaces, marks),
  'reconnect-old': (context, { marks }) => startAnew(context, marks.replaces, marks),
  'pause-old': ({ engine }, { marks }) => engine.containers.pause(marks.replaces),
  'stop-old': (context, { marks }) => stop(context, marks.replaces),
  'remove-old': ({ engine }, { marks }) => engine.containers.remove(marks.replaces),
}

async function start(context: SettleContext, id: string, { networks }: Marks): Promise<void> {
  await reconnect(context, id, networks)
  await startConnected(context, id, networks)
}

// A container that runs can be connected, and yet publishes no ports before its next start.
async function startAnew(context: SettleContext, id: string, marks: Marks): Promise<void> {
  await stop(context, id)
  await start(context, id, marks)
  await proveConnected(context, id, marks.networks)
}

async function stop(context: SettleContext, id: string): Promise<void> {
  const seen = await see(context.engine, id)
  if (seen !== undefined) await stopSurely(context, seen)
}

/** What a container's marks tell of the operation that it is part of. */
export function memberOf(successor: Pick<Seen, 'id' | 'view'>): Member | undefined {
  const marks = readMarks(successor.view.Config.Labels)
  return marks === undefined ? undefined : { marks, successorId: successor.id }
}
