import { RefreshError, hasCode, isDockerError, messageOf } from '../base/errors.ts'
import { blame } from './blame.ts'
import { causeOf } from './cause.ts'
import { changesRefusal } from './changes.ts'
import { isActive, see, seeNamed, type Seen } from './container.ts'
import { watchLoop } from './crash-loop.ts'
import { discard } from './discard.ts'
import { removeSurely } from './end.ts'
import { STABLE_FOR, baselineOf, gate } from './gate.ts'
import { makeSuccessors } from './make.ts'
import { overlapForbidden } from './overlap.ts'
import { podmanRefusal } from './podman-refusal.ts'
import { changedPorts, missingPorts } from './published-ports.ts'
import { refusal } from './refuse.ts'
import type { Attempt, Phase, ReplaceContext, Replacement, Wish } from './replacement.ts'
import { settle, type Settled } from './settle.ts'
import { disarm, hook, rename, start, stop, takeOver } from './take-over.ts'

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

/** The step that a replacement has come to, and the member of its group. */
interface Progress {
  touched: boolean
  phase: Phase
  name: string
}

async function run(given: ReplaceContext, wishes: readonly Wish[], olds: readonly Seen[]): Promise<Replacement[]> {
  const attempts: Attempt[] = []
  const progress: Progress = { touched: false, phase: 'look', name: '' }
  const onPhase = (name: string, phase: Phase): void => {
    Object.assign(progress, { name, phase })
    given.onPhase?.(name, phase)
  }
  const context = { ...given, onPhase }
  try {
    await makeSuccessors(context, wishes, olds, attempts)
    context.signal?.throwIfAborted()
    await move(context, attempts, progress)
  } catch (error) {
    if (attempts.length === 0) throw error
    return rollBack(context, wishes, attempts, error, { ...progress })
  }
  const replacements: Replacement[] = []
  for (const attempt of attempts.toReversed()) replacements.unshift(await commit(context, attempt))
  return replacements
}

async function move(context: ReplaceContext, attempts: readonly Attempt[], progress: Progress): Promise<void> {
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

async function trial(context: ReplaceContext, attempt: Attempt): Promise<void> {
  const { old, member } = attempt
  const { marks, successorId } = member
  if (!isActive(marks.was) || marks.was === 'paused') return
  context.onPhase?.(old.name, 'gate')
  const started = await see(context.engine, successorId)
  const missing = missingPorts(old, started)
  if (missing.length > 0)
    throw new RefreshError('START_FAILED', `${marks.name} runs without its published ports ${missing.join(', ')}`)
  if (started !== undefined && marks.was === 'running') await hook(context, attempt, started, 'post-start')
  const verdict = await gate(context, successorId, baselineOf(old), context.gate, context.signal)
  if (verdict.passed) return
  const cause = await blame(context.engine, successorId, verdict.cause)
  throw new RefreshError('UNHEALTHY', `the new container of ${marks.name} did not prove itself: ${verdict.reason}`, {
    facts: { cause },
  })
}

async function commit(
  context: ReplaceContext,
  { old, member, plan, warnings, hooks, downtimeMs }: Attempt,
): Promise<Replacement> {
  context.onPhase?.(old.name, 'commit')
  const { engine } = context
  warnings.push(...changedPorts(old, await see(engine, member.successorId)))
  try {
    await removeSurely(context, old.id)
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

async function rollBack(
  context: ReplaceContext,
  wishes: readonly Wish[],
  attempts: readonly Attempt[],
  error: unknown,
  { touched, phase, name }: Progress,
): Promise<Replacement[]> {
  for (const { old } of attempts) context.onPhase?.(old.name, 'roll back')
  const interrupted = context.signal?.aborted === true
  const reason = interrupted ? 'interrupted' : messageOf(error)
  const code = interrupted ? 'ABORTED' : isDockerError(error) ? error.code : 'UNEXPECTED'
  const cause = interrupted ? 'interrupted' : causeOf(error, phase)
  const tell = (replacement: Omit<Replacement, 'warnings'>): Replacement[] =>
    wishes.map((wish, i) => ({
      ...replacement,
      ...(code === 'BUSY' ? {} : { cause: interrupted || wish.name === name ? cause : 'group-failed' }),
      downtimeMs: downtime(context, attempts[i]),
      warnings: attempts[i]?.warnings ?? [],
    }))
  try {
    const settled = await takeBack(context, attempts, touched)
    if (settled === 'committed')
      return tell({ outcome: 'failed', reason: `${reason}; the old container is gone, so there was no way back`, code })
  } catch (left) {
    return tell({
      outcome: 'failed',
      reason: `${reason}; then ${messageOf(left)}`,
      code: isDockerError(left) ? left.code : 'ROLLBACK_FAILED',
    })
  }
  if (touched) return tell({ outcome: 'rolled-back', reason, code })
  return tell({ outcome: code === 'BUSY' || interrupted ? 'skipped' : 'failed', reason, code })
}

// Before the first step that touches an old container there is nothing to undo but what was made, and the old one may be
// in the hands of another process. Where it is gone and nobody has its name, what was made is the last copy.
async function takeBack(context: ReplaceContext, attempts: readonly Attempt[], touched: boolean): Promise<Settled> {
  const operation = attempts.map(({ member }) => member)
  if (touched) return settle(context, operation, 'roll back')
  for (const { old } of attempts) {
    if ((await see(context.engine, old.id)) === undefined && (await seeNamed(context.engine, old.name)) === undefined)
      return settle(context, operation, 'roll back')
  }
  await discard(context, operation)
  return 'rolled-back'
}

function downtime({ clock }: ReplaceContext, attempt: Attempt | undefined): number | undefined {
  return attempt?.stoppedAt === undefined ? undefined : Math.round(clock.monotonic() - attempt.stoppedAt)
}
