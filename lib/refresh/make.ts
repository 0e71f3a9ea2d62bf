import { RefreshError } from '../base/errors.ts'
import { objectAt } from '../base/json.ts'
import { connectionsOf } from './connections.ts'
import { listAll, see, stateOf, type Seen } from './container.ts'
import { createSuccessor } from './create.ts'
import { heldBy } from './holder.ts'
import { repositoryOf } from './image-digests.ts'
import {
  REPLACES_LABEL,
  imagesBefore,
  isTaken,
  nextName,
  readImages,
  readMarks,
  specHash,
  type Marks,
  type Was,
} from './marks.ts'
import { leaseOf } from './lease.ts'
import { prepare, type Prepared } from './prepare.ts'
import { proveSuccessor } from './proof.ts'
import type { Attempt, ReplaceContext, Wish } from './replacement.ts'
import { sure } from './sure.ts'

/**
 * Steps 2 to 4: plans, creates and proves the successors, one after the other, for the next may name the one before.
 *
 * @param op identifier of the operation
 * @param attempts gets each as soon as its container is there
 * @throws RefreshError `BUSY`, `CREATE_FAILED`, `PROOF_FAILED`, `UNSUPPORTED`
 */
export async function makeSuccessors(
  context: ReplaceContext,
  wishes: readonly Wish[],
  olds: readonly Seen[],
  op: string,
  attempts: Attempt[],
): Promise<void> {
  const moved = new Map<string, string>()
  const labels: Record<string, string>[] = []
  for (const [member, old] of olds.entries()) {
    const prepared = await prepare(context.engine, old, (wishes[member] as Wish).imageId, moved, context)
    labels.push(labelsOf(prepared))
    context.onPhase?.(old.name, 'create')
    const marks: Marks = {
      op,
      replaces: old.id,
      name: old.name,
      was: stateOf(old) as Was,
      restart: old.view.HostConfig.RestartPolicy,
      spec: specHash(prepared.plan.body),
      holder: context.holder,
      lease: leaseOf(context, olds, labels),
      member,
      images: imagesBefore(repositoryOf(old.view.Config.Image), old.view.Image, readImages(old.view.Config.Labels)),
      networks: connectionsOf(old, prepared.plan),
    }
    await refuseSecond(context, old)
    const made = await createSuccessor(context, prepared.plan.body, marks, prepared.plan.platform ?? context.platform)
    const { notes } = prepared.plan
    const dropped = notes.dropped.map((note) => `not carried over: ${note}`)
    const warnings = [...made.warnings, ...prepared.plan.warnings, ...dropped]
    attempts.push({ ...prepared, old, member: { marks, successorId: made.id }, warnings, hooks: [] })
    await prove(context, old, prepared, made.id)
    for (const spelling of [old.id, old.id.slice(0, 12)]) moved.set(spelling, made.id)
    moved.set(old.name, nextName(old.name))
  }
}

// What an image brings a create body does not repeat.
function labelsOf({ plan, newImage }: Prepared): Record<string, string> {
  const own = Object.entries(objectAt(plan.body, 'Labels')).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value] as const] : [],
  )
  return { ...newImage.Config.Labels, ...Object.fromEntries(own) }
}

// The name is the mutex, and free again once another process has named its successor; until that process has ended, or
// was recovered, the successor's marks tell. One that somebody took for himself tells of the past, once nobody holds it.
async function refuseSecond(context: ReplaceContext, { id }: Seen): Promise<void> {
  const { engine } = context
  const others = await listAll(engine, `${REPLACES_LABEL}=${id}`)
  for (const { Id } of others) {
    const other = await see(engine, Id)
    const marks = other === undefined ? undefined : readMarks(other.view.Config.Labels)
    const free = other !== undefined && marks !== undefined && isTaken(other.name, marks)
    if (free && (await heldBy(context, marks, [other])) === undefined) continue
    throw new RefreshError('BUSY', `another operation is replacing it, by ${other?.name ?? Id.slice(0, 12)}`)
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
  for (const network of plan.leave) {
    const disconnect = (): Promise<void> =>
      engine.networks.disconnect(network, { Container: successorId, Force: false })
    await sure(
      clock,
      disconnect,
      async () => (await see(engine, successorId))?.view.NetworkSettings.Networks[network] === undefined,
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
  // Between the look and the create another process may have come as far as that: who no longer sees the old container
  // under its name came second.
  const now = await see(engine, old.id)
  if (now?.name !== old.name) throw new RefreshError('BUSY', 'another process is replacing it')
}
