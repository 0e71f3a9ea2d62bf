import pMap from 'p-map'

import { isDockerError, isNotFound, messageOf } from '../base/errors.ts'
import { isActive, see, stateOf, type Seen } from './container.ts'
import type { PlanItem } from './plan.ts'
import { replace } from './replace.ts'
import type { ReplaceContext, Replacement } from './replacement.ts'
import type { ContainerReport, RefreshEvent } from './report.ts'

export interface MoveContext extends Omit<ReplaceContext, 'onPhase' | 'onStep'> {
  /** `replace` moves each container; `remove` stops and removes it, and whoever made it brings it back. */
  readonly strategy: 'replace' | 'remove'
  /** Containers of one image at once, after its first has succeeded. */
  readonly concurrency: number
  readonly onEvent: (event: RefreshEvent) => void
}

/** An outdated container and the id of the image it is to run. */
export interface Move {
  readonly item: PlanItem
  readonly imageId: string
}

/** What became of an item of the plan. */
export type Moved = readonly [item: PlanItem, container: ContainerReport]

/**
 * Moves the containers of one image: one alone, as a canary, which is one that runs where there is one. When it does not
 * succeed the image is to blame, and the others are left as they are.
 */
export async function moveAll(context: MoveContext, moves: readonly Move[]): Promise<Moved[]> {
  const [canary, ...others] = moves.toSorted((a, b) => provesLittle(a) - provesLittle(b))
  if (canary === undefined) return []
  const first = await moveOne(context, canary)
  const [, { outcome }] = first
  if (outcome === 'failed' || outcome === 'rolled-back') {
    return [
      first,
      ...others.map((move) => report(context, move, { outcome: 'skipped', reason: 'canary failed', warnings: [] })),
    ]
  }
  return [first, ...(await pMap(others, (move) => moveOne(context, move), { concurrency: context.concurrency }))]
}

function provesLittle({ item }: Move): number {
  return isActive(stateOf(item.candidate.seen)) ? 0 : 1
}

async function moveOne(context: MoveContext, move: Move): Promise<Moved> {
  if (context.signal?.aborted === true)
    return report(context, move, { outcome: 'skipped', reason: 'interrupted', code: 'ABORTED', warnings: [] })
  const { seen } = move.item.candidate
  if (context.strategy === 'remove') return report(context, move, await remove(context, seen))
  const onPhase = (phase: Parameters<NonNullable<ReplaceContext['onPhase']>>[0]): void =>
    context.onEvent({ type: 'phase', name: seen.name, phase })
  return report(context, move, await replace({ ...context, onPhase }, seen, move.imageId))
}

type Result = Omit<Replacement, 'outcome'> & { readonly outcome: ContainerReport['outcome'] }

function report({ onEvent }: MoveContext, { item }: Move, result: Result): Moved {
  const container = reportOf(item.candidate.seen, result)
  onEvent({ type: 'container', container })
  return [item, container]
}

/** A line of the report, with nothing in it that is not known. */
export function reportOf(
  { name, id, view }: Seen,
  result: Omit<Replacement, 'outcome'> & { outcome: ContainerReport['outcome'] },
): ContainerReport {
  const known = Object.fromEntries(Object.entries(result).filter(([, value]) => value !== undefined)) as typeof result
  return { name, id, image: view.Config.Image, ...known }
}

// Its restart policy goes first, or the engine would bring it back between the two calls.
async function remove({ engine }: MoveContext, seen: Seen): Promise<Result> {
  const { containers } = engine
  try {
    if (!seen.view.HostConfig.AutoRemove)
      await containers.update(seen.id, { RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } })
    if (isActive(stateOf(seen)))
      await containers.stop(seen.id, {}, { headersTimeout: (Number(seen.view.Config.StopTimeout ?? 10) + 15) * 1000 })
    if ((await see(engine, seen.id)) !== undefined) await containers.remove(seen.id)
    return { outcome: 'removed', warnings: [] }
  } catch (error) {
    if (isNotFound(error)) return { outcome: 'removed', warnings: [] }
    return {
      outcome: 'failed',
      reason: messageOf(error),
      code: isDockerError(error) ? error.code : 'UNEXPECTED',
      warnings: [],
    }
  }
}
