import pMap from 'p-map'

import { isDockerError, isNotFound, messageOf } from '../base/errors.ts'
import { isActive, stateOf, type Seen } from './container.ts'
import { removeSurely, stopSurely } from './end.ts'
import { quarantine, release } from './quarantine.ts'
import { replace } from './replace.ts'
import type { Phase, ReplaceContext, Replacement } from './replacement.ts'
import type { ContainerReport, RefreshEvent } from './report.ts'
import { vanishes } from './take-over.ts'

export interface MoveContext extends Omit<ReplaceContext, 'onPhase' | 'onStep'> {
  /** `replace` moves each container; `remove` stops and removes it, and whoever made it brings it back. */
  readonly strategy: 'replace' | 'remove'
  /** Containers of one image at once, after its first has succeeded. */
  readonly concurrency: number
  readonly onEvent: (event: RefreshEvent) => void
  /** The image may be one that failed before: with a success that is over. */
  readonly retry?: boolean | undefined
}

/** Containers that move together, each with the id of the image it is to run. Leader first. */
export type Move = readonly { readonly seen: Seen; readonly imageId: string }[]

/**
 * Makes the moves of one image: one alone, as a canary, which is one that runs where there is one. When it does not
 * succeed the image is to blame, and the others are left as they are.
 */
export async function moveAll(context: MoveContext, moves: readonly Move[]): Promise<ContainerReport[]> {
  const left = moves.toSorted((a, b) => provesLittle(a) - provesLittle(b))
  const reports: ContainerReport[] = []
  for (let canary = left.shift(); canary !== undefined; canary = left.shift()) {
    const first = await moveOne(context, canary)
    reports.push(...first)
    if (first.some(({ outcome }) => outcome === 'failed' || outcome === 'rolled-back')) {
      await markFailed(context, canary, first)
      const spared: Result = { outcome: 'skipped', reason: 'canary failed', warnings: [] }
      return [...reports, ...left.flatMap((move) => report(context, move, () => spared))]
    }
    if (first.every(({ outcome }) => outcome === 'skipped')) continue // proves nothing: the next one is the canary
    if (context.retry === true) for (const { imageId } of canary) await release(context.engine, imageId).catch(() => {})
    break
  }
  const others = await pMap(left, (move) => moveOne(context, move), { concurrency: context.concurrency })
  return [...reports, ...others.flat()]
}

// Best effort: without the mark the next run tries the image once more, on its canary alone.
async function markFailed({ engine }: MoveContext, move: Move, reports: readonly ContainerReport[]): Promise<void> {
  const [only] = move
  const blamed = reports.some(({ outcome, code }) => outcome === 'rolled-back' && code !== 'ABORTED')
  // In a group it may have been the image of another.
  if (!blamed || only === undefined || move.length > 1 || only.seen.view.Image === only.imageId) return
  await quarantine(engine, only.imageId).catch(() => {})
}

function provesLittle(move: Move): number {
  return move.some(({ seen }) => isActive(stateOf(seen))) ? 0 : 1
}

async function moveOne(context: MoveContext, move: Move): Promise<ContainerReport[]> {
  if (context.signal?.aborted === true) {
    return report(context, move, () => ({ outcome: 'skipped', reason: 'interrupted', code: 'ABORTED', warnings: [] }))
  }
  if (context.strategy === 'remove') {
    const results: Result[] = []
    for (const { seen } of move.toReversed()) results.unshift(await remove(context, seen))
    return report(context, move, (i) => results[i] as Result)
  }
  const onPhase = (name: string, phase: Phase): void => context.onEvent({ type: 'phase', name, phase })
  const wishes = move.map(({ seen: { id, name }, imageId }) => ({ id, name, imageId }))
  const results = await replace({ ...context, onPhase }, wishes)
  return report(context, move, (i) => results[i] as Replacement)
}

type Result = Omit<Replacement, 'outcome'> & { readonly outcome: ContainerReport['outcome'] }

function report({ onEvent }: MoveContext, move: Move, resultOf: (index: number) => Result): ContainerReport[] {
  return move.map(({ seen }, i) => {
    const container = reportOf(seen, resultOf(i))
    onEvent({ type: 'container', container })
    return container
  })
}

/** A line of the report, with nothing in it that is not known. */
export function reportOf({ name, id, view }: Seen, result: Result): ContainerReport {
  const known = Object.fromEntries(Object.entries(result).filter(([, value]) => value !== undefined)) as Result
  return { name, id, image: view.Config.Image, ...known }
}

// It keeps its restart policy: no engine brings back what it was asked to stop, unless it restarts itself; then the
// container is refused to be removed, and is as it was.
async function remove(context: MoveContext, old: Seen): Promise<Result> {
  try {
    await stopSurely(context, old)
    const goes = old.view.HostConfig.AutoRemove && isActive(stateOf(old))
    if (!goes || !(await vanishes(context, old.id))) await removeSurely(context, old.id)
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
