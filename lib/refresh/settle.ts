import { RefreshError, isNotFound, isUncertain, messageOf } from '../base/errors.ts'
import { canonicalJson } from '../base/json.ts'
import type { Clock } from '../base/ports.ts'
import type { RestartPolicy } from '../engine/schema/host-config.ts'
import { isActive, see, seeNamed, stateOf, stopPatience, type RefreshEngine, type Seen } from './container.ts'
import { decideGroup, standsIn, type Observation, type Step } from './decide.ts'
import { baselineOf, gate, type GateOptions } from './gate.ts'
import type { Prober } from './probe.ts'
import { halt } from './halt.ts'
import { isTaken, nextName, previousName, readMarks, type Marks } from './marks.ts'

export interface SettleContext {
  readonly engine: RefreshEngine
  readonly clock: Clock
  readonly prober?: Prober | undefined
  readonly gate?: GateOptions | undefined
  /** Full id of the container that this process runs in: it does not end itself. */
  readonly selfId?: string | undefined
  readonly onStep?: ((step: Step, name: string) => void) | undefined
}

/** One container on its way: its marks, and the id of the container that carries them. */
export interface Member {
  readonly marks: Marks
  readonly successorId: string
}

/** A replacement under way: one container, or a leader and those that share its namespaces or volumes, in this order. */
export type Operation = readonly Member[]

/** How an operation ended. */
export type Settled = 'committed' | 'rolled-back'

/** No restart policy. */
export const DISARMED = { Name: 'no', MaximumRetryCount: 0 } as const

const MAX_STEPS = 24
const TRIES = 3

/**
 * Brings an operation to its end by what the engine shows: looks, decides on one step, takes it, looks again. A step
 * whose effect is not known (reply lost, 500) is not repeated blindly, for the next look tells.
 *
 * @param wanted `roll back` when the successors are known not to do; `decide` lets the gate tell
 * @throws RefreshError `ROLLBACK_FAILED` with what is left and the commands that mend it
 */
export async function settle(
  context: SettleContext,
  operation: Operation,
  wanted: 'decide' | 'roll back',
): Promise<Settled> {
  const failures = new Map<string, number>()
  const fixed = new Set<string>()
  for (let taken = 0; taken < MAX_STEPS * operation.length; taken++) {
    const worlds = (await observe(context, operation, wanted)).map((world, i) =>
      fixed.has((operation[i] as Member).successorId) ? withoutPolicy(world) : world,
    )
    const next = decideGroup(worlds)
    if (next === undefined) return worlds.every(({ old }) => old === undefined) ? 'committed' : 'rolled-back'
    const member = operation[next.index] as Member
    if (next.step === 'stuck')
      throw stuck(member, 'the name is held by a container that has no part in this', undefined)
    if (endsSelf(next.step, member, context.selfId))
      throw new RefreshError('BUSY', 'dockline itself runs in it: "dockline recover" from outside ends it')
    context.onStep?.(next.step, member.marks.name)
    try {
      await ACTS[next.step](context.engine.containers, member)
      failures.clear()
    } catch (error) {
      // podman 4 has no such call, and no daemon that would start a container by itself.
      if (isNotFound(error) && next.step.endsWith('arm-successor')) fixed.add(member.successorId)
      // A step that failed and is not asked for again took effect.
      const step = `${next.index} ${next.step}`
      const failed = (failures.get(step) ?? 0) + 1
      failures.set(step, failed)
      if (failed >= TRIES && !isNotFound(error)) throw stuck(member, `${next.step}: ${messageOf(error)}`, error)
      await context.clock.sleep(isUncertain(error) ? 500 : 100)
    }
  }
  throw stuck(operation[0] as Member, 'it did not come to rest', undefined)
}

function withoutPolicy({ successor, ...world }: Observation): Observation {
  return { ...world, returns: false, successor: successor === undefined ? undefined : { ...successor, armed: false } }
}

async function observe(
  context: SettleContext,
  operation: Operation,
  wanted: 'decide' | 'roll back',
): Promise<Observation[]> {
  const looks = await Promise.all(operation.map((member) => look(context.engine, member)))
  const worlds = looks.map(({ world }) => world)
  const mayCommit = wanted === 'decide' && worlds.every(standsIn)
  if (!mayCommit || worlds.some(({ old }) => old === undefined)) return worlds
  const verdicts = await Promise.all(operation.map((member, i) => isProved(context, member, looks[i] as Look)))
  return worlds.map((world, i) => ({ ...world, proved: verdicts[i] as boolean }))
}

interface Look {
  readonly world: Observation
  readonly old: Seen | undefined
}

async function look(engine: RefreshEngine, { marks, successorId }: Member): Promise<Look> {
  const [successor, old, named] = await Promise.all([
    see(engine, successorId),
    see(engine, marks.replaces),
    seeNamed(engine, marks.name),
  ])
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
          },
    old: old === undefined ? undefined : { state: stateOf(old), armed: isArmed(old, marks.restart) },
    holder: named === undefined ? 'nobody' : (holders[named.id] ?? 'stranger'),
    proved: false,
  }
  return { world, old }
}

async function isProved(
  { engine, clock, prober, gate: options }: SettleContext,
  { marks, successorId }: Member,
  { world, old }: Look,
): Promise<boolean> {
  if (old === undefined || !isActive(marks.was)) return true
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

type Act = (containers: RefreshEngine['containers'], member: Member) => Promise<unknown>

const ACTS: Readonly<Record<Exclude<Step, 'stuck'>, Act>> = {
  'stop-successor': (containers, { successorId }) => stop(containers, successorId),
  'disarm-successor': (containers, { successorId }) => containers.update(successorId, { RestartPolicy: DISARMED }),
  'arm-successor': (containers, { successorId, marks }) =>
    containers.update(successorId, { RestartPolicy: marks.restart }),
  'unname-successor': (containers, { successorId, marks }) => containers.rename(successorId, nextName(marks.name)),
  'remove-successor': (containers, { successorId }) => containers.remove(successorId),
  'name-successor': (containers, { successorId, marks }) => containers.rename(successorId, marks.name),
  'start-successor': (containers, { successorId }) => containers.start(successorId),
  'pause-successor': (containers, { successorId }) => containers.pause(successorId),
  'name-old': (containers, { marks }) => containers.rename(marks.replaces, marks.name),
  'arm-old': (containers, { marks }) => containers.update(marks.replaces, { RestartPolicy: marks.restart }),
  'start-old': (containers, { marks }) => containers.start(marks.replaces),
  'pause-old': (containers, { marks }) => containers.pause(marks.replaces),
  'stop-old': (containers, { marks }) => stop(containers, marks.replaces),
  'remove-old': (containers, { marks }) => containers.remove(marks.replaces),
}

async function stop(containers: RefreshEngine['containers'], id: string): Promise<void> {
  const seen = await see({ containers }, id)
  if (seen !== undefined) await halt(containers, id, stopPatience(seen))
}

function stuck({ marks, successorId }: Member, reason: string, cause: unknown): RefreshError {
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

/** What a container's marks tell of the operation that it is part of. */
export function memberOf(successor: Pick<Seen, 'id' | 'view'>): Member | undefined {
  const marks = readMarks(successor.view.Config.Labels)
  return marks === undefined ? undefined : { marks, successorId: successor.id }
}
