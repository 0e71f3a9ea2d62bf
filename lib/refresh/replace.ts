import { RefreshError, hasCode, isDockerError, messageOf } from '../base/errors.ts'
import { createSuccessor } from './create.ts'
import { see, stateOf, type Seen } from './container.ts'
import { baselineOf, gate } from './gate.ts'
import { specHash, type Marks, type Was } from './marks.ts'
import { changedPorts, missingPorts } from './published-ports.ts'
import { prepare, type Prepared } from './prepare.ts'
import { proveSuccessor } from './proof.ts'
import { refusal } from './refuse.ts'
import type { ReplaceContext, Replacement } from './replacement.ts'
import { settle, type Operation } from './settle.ts'
import { sure } from './sure.ts'
import { takeOver, type Outage } from './take-over.ts'

/** A replacement under way, with what must be told of it in the end. */
interface Attempt extends Prepared {
  readonly context: ReplaceContext
  readonly old: Seen
  readonly outage: Outage
  readonly warnings: string[]
}

/**
 * Moves one container to another image without ever losing it: look, plan the successor, create it under a temporary
 * name, prove it, take over, gate, commit; or back to where it was.
 *
 * @returns what became of it; failures are in there, nothing is thrown
 */
export async function replace(
  context: ReplaceContext,
  container: { id: string; name: string },
  newImageId: string,
): Promise<Replacement> {
  try {
    context.onPhase?.('look')
    const old = (await see(context.engine, container.id)) ?? (await see(context.engine, container.name))
    if (old === undefined) return { outcome: 'skipped', reason: 'it is gone', warnings: [] }
    if (old.view.Image === newImageId) return { outcome: 'current', warnings: [] }
    const refused = refusal(old, context)
    if (refused !== undefined) return { outcome: 'skipped', reason: refused, warnings: [] }
    const prepared = await prepare(context.engine, old, newImageId)
    const warnings = prepared.plan.notes.dropped.map((note) => `not carried over: ${note}`)
    return await run({ ...prepared, context, old, outage: {}, warnings })
  } catch (error) {
    const outcome = hasCode(error, 'BUSY', 'UNSUPPORTED') ? 'skipped' : 'failed'
    return { outcome, reason: messageOf(error), code: isDockerError(error) ? error.code : 'UNEXPECTED', warnings: [] }
  }
}

async function run(attempt: Attempt): Promise<Replacement> {
  const { context, old, outage } = attempt
  const operation = await create(attempt)
  try {
    await prove(attempt, operation)
    context.signal?.throwIfAborted()
    await takeOver(context, old, operation, outage)
    await trial(attempt, operation)
  } catch (error) {
    return rollBack(attempt, operation, error)
  }
  return commit(attempt, operation)
}

const LEASE_SLACK = 120

async function create({ context, old, plan, warnings }: Attempt): Promise<Operation> {
  context.onPhase?.('create')
  const { healthTimeout = 600_000, stableFor = 10_000 } = context.gate ?? {}
  const marks: Marks = {
    op: context.random.id(),
    replaces: old.id,
    name: old.name,
    was: stateOf(old) as Was,
    restart: old.view.HostConfig.RestartPolicy,
    spec: specHash(plan.body),
    holder: context.holder,
    lease:
      Number(old.view.Config.StopTimeout ?? 10) + Math.ceil(Math.max(healthTimeout, stableFor) / 1000) + LEASE_SLACK,
  }
  const made = await createSuccessor(context, plan.body, marks, plan.platform)
  warnings.push(...made.warnings)
  return { marks, successorId: made.id }
}

async function prove({ context, old, plan, newImage }: Attempt, { marks, successorId }: Operation): Promise<void> {
  context.onPhase?.('prove')
  const { engine, clock } = context
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
  const now = await see(engine, marks.replaces)
  if (now?.name !== marks.name) throw new RefreshError('BUSY', 'another process is replacing it')
}

async function trial({ context, old }: Attempt, { marks, successorId }: Operation): Promise<void> {
  if (marks.was !== 'running' && marks.was !== 'restarting') return
  context.onPhase?.('gate')
  const missing = missingPorts(await see(context.engine, successorId))
  if (missing.length > 0)
    throw new RefreshError('START_FAILED', `it runs without its published ports ${missing.join(', ')}`)
  const verdict = await gate(context, successorId, baselineOf(old), context.gate, context.signal)
  if (!verdict.passed) throw new RefreshError('UNHEALTHY', `the new container did not prove itself: ${verdict.reason}`)
}

async function commit({ context, old, outage, warnings }: Attempt, { successorId }: Operation): Promise<Replacement> {
  context.onPhase?.('commit')
  const { engine, clock } = context
  warnings.push(...changedPorts(old, await see(engine, successorId)))
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
  return { outcome: 'replaced', newId: successorId, downtimeMs: outage.downtimeMs, warnings }
}

async function rollBack(
  { context, outage, warnings }: Attempt,
  operation: Operation,
  error: unknown,
): Promise<Replacement> {
  context.onPhase?.('roll back')
  const interrupted = context.signal?.aborted === true
  const reason = interrupted ? 'interrupted' : messageOf(error)
  const code = interrupted ? 'ABORTED' : isDockerError(error) ? error.code : 'UNEXPECTED'
  try {
    const settled = await settle(context, operation, 'roll back')
    if (settled === 'committed') {
      const lost = `${reason}; the old container is gone, so there was no way back`
      return { outcome: 'failed', newId: operation.successorId, reason: lost, code, warnings }
    }
  } catch (left) {
    const stuck = isDockerError(left) ? left.code : 'ROLLBACK_FAILED'
    return { outcome: 'failed', reason: `${reason}; then ${messageOf(left)}`, code: stuck, warnings }
  }
  if (outage.touched !== true)
    return { outcome: code === 'BUSY' || interrupted ? 'skipped' : 'failed', reason, code, warnings }
  const since = outage.stoppedAt === undefined ? undefined : Math.round(context.clock.monotonic() - outage.stoppedAt)
  return { outcome: 'rolled-back', reason, code, downtimeMs: since, warnings }
}
