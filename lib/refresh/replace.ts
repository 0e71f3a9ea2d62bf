import { RefreshError, hasCode, isDockerError, messageOf } from '../base/errors.ts'
import { isActive, see, seeNamed, stateOf, type Seen } from './container.ts'
import { createSuccessor } from './create.ts'
import { baselineOf, gate } from './gate.ts'
import { nextName, specHash, type Marks, type Was } from './marks.ts'
import { overlapForbidden } from './overlap.ts'
import { prepare, type Prepared } from './prepare.ts'
import { proveSuccessor } from './proof.ts'
import { changedPorts, missingPorts } from './published-ports.ts'
import { refusal } from './refuse.ts'
import type { Attempt, ReplaceContext, Replacement } from './replacement.ts'
import { settle } from './settle.ts'
import { sure } from './sure.ts'
import { disarm, rename, start, stop, takeOver } from './take-over.ts'

/** A container and the image that it is to run. */
export interface Wish {
  readonly id: string
  readonly name: string
  readonly imageId: string
}

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
      const not = old === undefined ? 'it is gone' : refusal(old, context)
      if (old === undefined || not !== undefined)
        return all(wishes, { outcome: 'skipped', reason: about(wishes, wish.name, not ?? ''), warnings: [] })
      olds.push(old)
    }
    if (wishes.length === 1 && olds[0]?.view.Image === wishes[0]?.imageId) return [{ outcome: 'current', warnings: [] }]
    return await run(context, wishes, olds)
  } catch (error) {
    const outcome = hasCode(error, 'BUSY', 'UNSUPPORTED') ? 'skipped' : 'failed'
    return all(wishes, {
      outcome,
      reason: messageOf(error),
      code: isDockerError(error) ? error.code : 'UNEXPECTED',
      warnings: [],
    })
  }
}

function all(wishes: readonly Wish[], replacement: Replacement): Replacement[] {
  return wishes.map(() => replacement)
}

function about(wishes: readonly Wish[], name: string, reason: string): string {
  return wishes.length === 1 ? reason : `${name}, which it moves with: ${reason}`
}

async function run(context: ReplaceContext, wishes: readonly Wish[], olds: readonly Seen[]): Promise<Replacement[]> {
  const attempts: Attempt[] = []
  const progress = { touched: false }
  try {
    await create(context, wishes, olds, attempts)
    context.signal?.throwIfAborted()
    await move(context, attempts, progress)
  } catch (error) {
    if (attempts.length === 0) throw error
    return rollBack(context, wishes, attempts, error, progress.touched)
  }
  const replacements: Replacement[] = []
  for (const attempt of attempts.toReversed()) replacements.unshift(await commit(context, attempt))
  return replacements
}

const LEASE_SLACK = 120

// Each successor is made before the next is planned, for the next may name it.
async function create(
  context: ReplaceContext,
  wishes: readonly Wish[],
  olds: readonly Seen[],
  attempts: Attempt[],
): Promise<void> {
  const op = context.random.id()
  const moved = new Map<string, string>()
  const { healthTimeout = 600_000, stableFor = 10_000 } = context.gate ?? {}
  for (const [member, old] of olds.entries()) {
    const prepared = await prepare(context.engine, old, (wishes[member] as Wish).imageId, moved)
    context.onPhase?.(old.name, 'create')
    const marks: Marks = {
      op,
      replaces: old.id,
      name: old.name,
      was: stateOf(old) as Was,
      restart: old.view.HostConfig.RestartPolicy,
      spec: specHash(prepared.plan.body),
      holder: context.holder,
      lease:
        olds.length * ((old.view.Config.StopTimeout ?? 10) + Math.ceil(Math.max(healthTimeout, stableFor) / 1000)) +
        LEASE_SLACK,
      member,
    }
    const made = await createSuccessor(context, prepared.plan.body, marks, prepared.plan.platform ?? context.platform)
    const warnings = [...made.warnings, ...prepared.plan.notes.dropped.map((note) => `not carried over: ${note}`)]
    attempts.push({ ...prepared, old, member: { marks, successorId: made.id }, warnings })
    await prove(context, old, prepared, made.id)
    for (const spelling of [old.id, old.id.slice(0, 12)]) moved.set(spelling, made.id)
    moved.set(old.name, nextName(old.name))
  }
}

async function prove(
  { engine, clock, onPhase }: ReplaceContext,
  old: Seen,
  { plan, newImage }: Prepared,
  successorId: string,
): Promise<void> {
  onPhase?.(old.name, 'prove')
  for (const { network, endpoint } of plan.later) {
    const connect = (): Promise<void> =>
      engine.networks.connect(network, { Container: successorId, EndpointConfig: endpoint })
    await sure(
      clock,
      connect,
      async () => (await see(engine, successorId))?.view.NetworkSettings.Networks[network] !== undefined,
    )
  }
  const created = await see(engine, successorId)
  if (created === undefined) throw new RefreshError('CREATE_FAILED', 'the new container vanished after it was created')
  const differences = proveSuccessor({ plan, old, created, newImage })
  if (differences.length > 0) {
    const list = differences.map(
      ({ field, planned, found }) => `${field}: planned ${planned}, the engine made ${found}`,
    )
    throw new RefreshError('PROOF_FAILED', `the engine did not make what was planned: ${list.join('; ')}`, {
      facts: { differences },
    })
  }
  // The temporary name is free again once another process has named its successor: who no longer sees the old container
  // under its name came second.
  const now = await see(engine, old.id)
  if (now?.name !== old.name) throw new RefreshError('BUSY', 'another process is replacing it')
}

async function move(
  context: ReplaceContext,
  attempts: readonly Attempt[],
  progress: { touched: boolean },
): Promise<void> {
  const [only] = attempts
  const forbidden =
    context.order !== 'start-first' || only === undefined ? '' : overlapForbidden(only.old, attempts.length)
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

async function trial(context: ReplaceContext, { old, member: { marks, successorId } }: Attempt): Promise<void> {
  if (!isActive(marks.was) || marks.was === 'paused') return
  context.onPhase?.(old.name, 'gate')
  const missing = missingPorts(await see(context.engine, successorId))
  if (missing.length > 0)
    throw new RefreshError('START_FAILED', `${marks.name} runs without its published ports ${missing.join(', ')}`)
  const verdict = await gate(context, successorId, baselineOf(old), context.gate, context.signal)
  if (!verdict.passed)
    throw new RefreshError('UNHEALTHY', `the new container of ${marks.name} did not prove itself: ${verdict.reason}`)
}

async function commit(
  context: ReplaceContext,
  { old, member, plan, warnings, downtimeMs }: Attempt,
): Promise<Replacement> {
  context.onPhase?.(old.name, 'commit')
  const { engine, clock } = context
  warnings.push(...changedPorts(old, await see(engine, member.successorId)))
  try {
    await sure(
      clock,
      () => engine.containers.remove(old.id),
      async () => (await see(engine, old.id)) === undefined,
    )
  } catch (error) {
    if (!hasCode(error, 'NOT_FOUND'))
      warnings.push(`the old container could not be removed yet, the next run will: ${messageOf(error, 300)}`)
  }
  return { outcome: 'replaced', newId: member.successorId, downtimeMs, warnings, settings: plan.notes }
}

async function rollBack(
  context: ReplaceContext,
  wishes: readonly Wish[],
  attempts: readonly Attempt[],
  error: unknown,
  touched: boolean,
): Promise<Replacement[]> {
  for (const { old } of attempts) context.onPhase?.(old.name, 'roll back')
  const interrupted = context.signal?.aborted === true
  const reason = interrupted ? 'interrupted' : messageOf(error)
  const code = interrupted ? 'ABORTED' : isDockerError(error) ? error.code : 'UNEXPECTED'
  const tell = (replacement: Omit<Replacement, 'warnings'>): Replacement[] =>
    wishes.map((_, i) => ({
      ...replacement,
      downtimeMs: downtime(context, attempts[i]),
      warnings: attempts[i]?.warnings ?? [],
    }))
  try {
    const settled = await settle(
      context,
      attempts.map(({ member }) => member),
      'roll back',
    )
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

function downtime({ clock }: ReplaceContext, attempt: Attempt | undefined): number | undefined {
  return attempt?.stoppedAt === undefined ? undefined : Math.round(clock.monotonic() - attempt.stoppedAt)
}
