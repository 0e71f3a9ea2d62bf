import { RefreshError, isNotFound, isUncertain, messageOf } from '../base/errors.ts'
import { canonicalJson } from '../base/json.ts'
import type { Clock } from '../base/ports.ts'
import type { RestartPolicy } from '../engine/schema/container-inspect.ts'
import { see, stateOf, type RefreshEngine, type Seen } from './container.ts'
import { decide, type Observation, type Step } from './decide.ts'
import { baselineOf, gate, type GateOptions } from './gate.ts'
import { nextName, previousName, readMarks, type Marks } from './marks.ts'

export interface SettleContext {
  readonly engine: RefreshEngine
  readonly clock: Clock
  readonly gate?: GateOptions | undefined
  readonly onStep?: ((step: Step) => void) | undefined
}

/** A replacement under way: its marks, and the id of the container that carries them. */
export interface Operation {
  readonly marks: Marks
  readonly successorId: string
}

/** How an operation ended. */
export type Settled = 'committed' | 'rolled-back'

const MAX_STEPS = 24
const TRIES = 3

/**
 * Brings an operation to its end by what the engine shows: looks, decides on one step, takes it, looks again. A step
 * whose effect is not known (reply lost, 500) is not repeated blindly, for the next look tells.
 *
 * @param wanted `roll back` when the successor is known not to do; `decide` lets the gate tell
 * @throws RefreshError `ROLLBACK_FAILED` with what is left and the commands that mend it
 */
export async function settle(
  context: SettleContext,
  operation: Operation,
  wanted: 'decide' | 'roll back',
): Promise<Settled> {
  let failures = 0
  for (let taken = 0; taken < MAX_STEPS; taken++) {
    const world = await observe(context, operation, wanted)
    const step = decide(world)
    if (step === undefined) return world.old === undefined ? 'committed' : 'rolled-back'
    if (step === 'stuck') throw stuck(operation, 'the name is held by a container that has no part in this', undefined)
    context.onStep?.(step)
    try {
      await ACTS[step](context.engine.containers, operation)
    } catch (error) {
      if (++failures >= TRIES && !isNotFound(error)) throw stuck(operation, `${step}: ${messageOf(error)}`, error)
      await context.clock.sleep(isUncertain(error) ? 500 : 100)
    }
  }
  throw stuck(operation, 'it did not come to rest', undefined)
}

async function observe(
  { engine, clock, gate: options }: SettleContext,
  { marks, successorId }: Operation,
  wanted: 'decide' | 'roll back',
): Promise<Observation> {
  const [successor, old, named] = await Promise.all([
    see(engine, successorId),
    see(engine, marks.replaces),
    see(engine, marks.name),
  ])
  const holder =
    named === undefined
      ? 'nobody'
      : named.id === successorId
        ? 'successor'
        : named.id === marks.replaces
          ? 'old'
          : 'stranger'
  const world = {
    was: marks.was,
    successor: successor === undefined ? undefined : { state: stateOf(successor) },
    old: old === undefined ? undefined : { state: stateOf(old), armed: isArmed(old, marks.restart) },
    holder,
  } as const
  if (wanted === 'roll back' || holder !== 'successor' || old === undefined || successor === undefined)
    return { ...world, proved: false }
  if (!['running', 'restarting', 'paused'].includes(marks.was)) return { ...world, proved: true }
  if (marks.was === 'paused') return { ...world, proved: world.successor?.state === 'paused' }
  const verdict = await gate({ engine, clock }, successorId, baselineOf(old), options)
  return { ...world, proved: verdict.passed }
}

/** True when the container has the restart policy of the mark. `""` and `no` are one. */
export function isArmed(old: Seen, policy: RestartPolicy): boolean {
  return canonicalPolicy(old.view.HostConfig.RestartPolicy) === canonicalPolicy(policy)
}

function canonicalPolicy({ Name, MaximumRetryCount }: RestartPolicy): string {
  return canonicalJson({ Name: Name === '' ? 'no' : Name, MaximumRetryCount: MaximumRetryCount ?? 0 })
}

type Act = (containers: RefreshEngine['containers'], operation: Operation) => Promise<unknown>

const ACTS: Readonly<Record<Exclude<Step, 'stuck'>, Act>> = {
  'stop-successor': (containers, { successorId }) => containers.stop(successorId),
  'unname-successor': (containers, { successorId, marks }) => containers.rename(successorId, nextName(marks.name)),
  'remove-successor': (containers, { successorId }) => containers.remove(successorId),
  'name-successor': (containers, { successorId, marks }) => containers.rename(successorId, marks.name),
  'start-successor': (containers, { successorId }) => containers.start(successorId),
  'pause-successor': (containers, { successorId }) => containers.pause(successorId),
  'name-old': (containers, { marks }) => containers.rename(marks.replaces, marks.name),
  'arm-old': (containers, { marks }) => containers.update(marks.replaces, { RestartPolicy: { ...marks.restart } }),
  'start-old': (containers, { marks }) => containers.start(marks.replaces),
  'pause-old': (containers, { marks }) => containers.pause(marks.replaces),
  'remove-old': (containers, { marks }) => containers.remove(marks.replaces),
}

function stuck({ marks, successorId }: Operation, reason: string, cause: unknown): RefreshError {
  const old = marks.replaces.slice(0, 12)
  const successor = successorId.slice(0, 12)
  const message = [
    `the replacement of ${marks.name} cannot be brought to its end: ${reason}.`,
    `The old container is ${old} (perhaps named ${previousName(marks.name)}), its successor ${successor} (perhaps named ${nextName(marks.name)}).`,
    `Once the cause is mended, "dockline recover" goes on. By hand: docker stop ${successor}; docker rename ${old} ${marks.name};`,
    `docker update --restart ${marks.restart.Name === '' ? 'no' : marks.restart.Name} ${old}; docker start ${old}; docker rm ${successor}`,
  ].join(' ')
  return new RefreshError('ROLLBACK_FAILED', message, {
    cause,
    facts: { name: marks.name, old: marks.replaces, successor: successorId },
  })
}

/** The operation that a container's marks tell of. */
export function operationOf(successor: Pick<Seen, 'id' | 'view'>): Operation | undefined {
  const marks = readMarks(successor.view.Config.Labels)
  return marks === undefined ? undefined : { marks, successorId: successor.id }
}
