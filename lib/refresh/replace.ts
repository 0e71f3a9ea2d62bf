import { RefreshError, hasCode, isDockerError, messageOf } from '../base/errors.ts'
import { blame } from './blame.ts'
import { causeOf } from './cause.ts'
import { changesRefusal } from './changes.ts'
import { proveConnected, startLacks } from './connections.ts'
import { isActive, see, seeNamed, stateOf, type Seen } from './container.ts'
import { watchLoop } from './crash-loop.ts'
import { removeSurely } from './end.ts'
import { STABLE_FOR, baselineOf, gate } from './gate.ts'
import { makeSuccessors } from './make.ts'
import { isTaken } from './marks.ts'
import { overlapForbidden } from './overlap.ts'
import { podmanRefusal } from './podman-refusal.ts'
import { changedPorts } from './published-ports.ts'
import { refusal } from './refuse.ts'
import type { Attempt, Phase, ReplaceContext, Replacement, Wish } from './replacement.ts'
import { rollBack, type Progress } from './rollback.ts'
import { steady, type SteadyEngine } from './steady.ts'
import { disarm, hook, rename, start, stop, takeOver } from './take-over.ts'
import { whileUnderWay } from './under-way.ts'

// Of one whose engine restarts in the middle.
const TRIALS = 3

/**
 * Moves one container, or one group, to other images without ever losing one: look, plan the successors, create them
 * under temporary names, prove them, take over, gate, commit; or all back to where they were.
 *
 * @param wishes leader first, then those that share its namespaces or volumes
 * @returns what became of each; failures are in there, nothing is thrown
 */
export async function replace(context: ReplaceContext, wishes: readonly Wish[]): Promise<Replacement[]> {
  try {
    const olds: Seen[] = []
    for (const wish of wishes) {
      context.onPhase?.(wish.name, 'look')
      const old = (await see(context.engine, wish.id)) ?? (await seeNamed(context.engine, wish.name))
      const not = old === undefined ? 'it is gone' : (refusal(old, context) ?? (await changed(context, old)))
      if (old === undefined || not !== undefined)
        return all(wishes, { outcome: 'skipped', reason: about(wishes, wish.name, not ?? ''), warnings: [] })
      olds.push(await watchLoop(context, old, context.gate?.stableFor ?? STABLE_FOR))
    }
    if (wishes.length === 1 && olds[0]?.view.Image === wishes[0]?.imageId) return [{ outcome: 'current', warnings: [] }]
    return await run(context, wishes, olds)
  } catch (error) {
    const outcome = hasCode(error, 'BUSY', 'UNSUPPORTED') ? 'skipped' : 'failed'
    return all(wishes, {
      outcome,
      reason: messageOf(error),
      code: isDockerError(error) ? error.code : 'UNEXPECTED',
      ...(hasCode(error, 'BUSY') ? {} : { cause: causeOf(error, 'look') }),
      warnings: [],
    })
  }
}

// Between the plan and now more may have been written, and a library may call without a plan.
async function changed({ engine, keepChanges }: ReplaceContext, old: Seen): Promise<string | undefined> {
  return (await podmanRefusal(engine, old)) ?? (keepChanges === true ? changesRefusal(engine, old) : undefined)
}

function all(wishes: readonly Wish[], replacement: Replacement): Replacement[] {
  return wishes.map(() => replacement)
}

function about(wishes: readonly Wish[], name: string, reason: string): string {
  return wishes.length === 1 ? reason : `${name}, which it moves with: ${reason}`
}

// From the first container that is made on an engine that is away is waited for.
interface SteadyContext extends ReplaceContext {
  readonly engine: SteadyEngine
}

async function run(context: ReplaceContext, wishes: readonly Wish[], olds: readonly Seen[]): Promise<Replacement[]> {
  const op = context.random.id()
  const [first] = wishes
  const onWait = (name: string, what: 'stop' | 'engine'): void => context.onPhase?.(name, `wait for ${what}`)
  const engine = steady({ ...context, onAway: () => onWait(first?.name ?? '', 'engine') })
  return whileUnderWay(context.holder, op, () => carryOut({ ...context, engine, onWait }, wishes, olds, op))
}

async function carryOut(
  given: SteadyContext,
  wishes: readonly Wish[],
  olds: readonly Seen[],
  op: string,
): Promise<Replacement[]> {
  const attempts: Attempt[] = []
  const progress: Progress = { touched: false, phase: 'look', name: '' }
  const onPhase = (name: string, phase: Phase): void => {
    Object.assign(progress, { name, phase })
    given.onPhase?.(name, phase)
  }
  const context = { ...given, onPhase }
  try {
    await makeSuccessors(context, wishes, olds, op, attempts)
    context.signal?.throwIfAborted()
    await move(context, attempts, progress)
  } catch (error) {
    if (attempts.length === 0) throw error
    return rollBack(context, wishes, attempts, error, { ...progress })
  }
  const replacements: Replacement[] = []
  const absences = context.engine.absences()
  for (const attempt of attempts.toReversed()) replacements.unshift(await commit(context, attempt))
  if (context.engine.absences() !== absences) for (const attempt of attempts) await revive(context, attempt)
  return replacements
}

async function move(context: SteadyContext, attempts: readonly Attempt[], progress: Progress): Promise<void> {
  const [only] = attempts
  const forbidden =
    context.order !== 'start-first' || only === undefined ? '' : overlapForbidden(only.old, attempts.length, only.plan)
  if (only !== undefined && forbidden === undefined) {
    await start(context, only)
    await trial(context, only)
    progress.touched = true
    await disarm(context, only)
    await stop(context, only)
    await rename(context, only)
    only.downtimeMs = 0
    return
  }
  if (forbidden !== '') for (const { warnings } of attempts) warnings.push(`start-first is not possible: ${forbidden}`)
  progress.touched = true
  await takeOver(context, attempts)
  for (const attempt of attempts) await trial(context, attempt)
}

async function trial(context: SteadyContext, attempt: Attempt): Promise<void> {
  const { old, member } = attempt
  const { marks, successorId } = member
  if (!isActive(marks.was)) return
  context.onPhase?.(old.name, 'gate')
  const started = await see(context.engine, successorId)
  const lacking = started === undefined ? '' : await startLacks(context, old, started, marks.networks)
  if (lacking !== '') throw new RefreshError('START_FAILED', `${marks.name} runs without ${lacking}`)
  if (marks.was === 'paused') return
  if (started !== undefined && marks.was === 'running') await hook(context, attempt, started, 'post-start')
  for (let tries = 1; ; tries++) {
    const absences = context.engine.absences()
    const verdict = await gate(context, successorId, baselineOf(old), context.gate, context.signal)
    // An engine that went down meanwhile has stopped the container: it is no trial of the image.
    if (context.engine.absences() === absences || tries === TRIALS) {
      if (verdict.passed) return
      const cause = await blame(context.engine, successorId, verdict.cause)
      throw new RefreshError(
        'UNHEALTHY',
        `the new container of ${marks.name} did not prove itself: ${verdict.reason}`,
        {
          facts: { cause },
        },
      )
    }
    const now = await see(context.engine, successorId)
    if (now !== undefined && !isActive(stateOf(now))) await start(context, attempt, true)
    await proveConnected(context, successorId, marks.networks)
  }
}

// One without a restart policy is down since its engine went down, which was after its trial.
async function revive(context: SteadyContext, attempt: Attempt): Promise<void> {
  const { member, warnings } = attempt
  try {
    for (let tries = 1; tries <= TRIALS && isActive(member.marks.was); tries++) {
      const now = await see(context.engine, member.successorId)
      if (now === undefined || isActive(stateOf(now))) return
      await start(context, attempt, true)
    }
  } catch (error) {
    warnings.push(`its engine went down, and it could not be started again: ${messageOf(error, 300)}`)
  }
}

async function commit(
  context: ReplaceContext,
  { old, member, plan, warnings, hooks, downtimeMs }: Attempt,
): Promise<Replacement> {
  context.onPhase?.(old.name, 'commit')
  const { engine } = context
  try {
    warnings.push(...changedPorts(old, await see(engine, member.successorId)))
    const now = await see(engine, old.id)
    if (now !== undefined && isTaken(now.name, member.marks))
      warnings.push(`somebody has renamed the old container to ${now.name}: it is left, and does not run`)
    else if (now !== undefined) await removeSurely(context, old.id)
  } catch (error) {
    if (!hasCode(error, 'NOT_FOUND'))
      warnings.push(`the old container could not be removed yet, the next run will: ${messageOf(error, 300)}`)
  }
  return {
    outcome: 'replaced',
    newId: member.successorId,
    downtimeMs,
    warnings,
    ...(hooks.length === 0 ? {} : { hooks }),
    settings: plan.notes,
  }
}
