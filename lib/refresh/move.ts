import pMap from 'p-map'

import { isDockerError, isNotFound, messageOf } from '../base/errors.ts'
import type { Reference } from '../base/reference.ts'
import { canaryFailed, failsAlike, isOver, newTrial, takeCanary, type Trial } from './canary.ts'
import { causeOf, isOwnFailure } from './cause.ts'
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

/** Containers that move together, each with the id of the image it is to run, and what names it. Leader first. */
export type Move = readonly {
  readonly seen: Seen
  readonly imageId: string
  readonly ref?: Reference | undefined
}[]

/**
 * Makes the moves of one image: one alone, as a canary, and the others once it has succeeded. A canary that fails for a
 * reason of its own is followed by another; where the image is to blame the others are left as they are.
 *
 * @param trial how the image has done before, where this is not its first step
 */
export async function moveAll(
  context: MoveContext,
  moves: readonly Move[],
  trial: Trial = newTrial(),
): Promise<ContainerReport[]> {
  const left = [...moves]
  const reports: ContainerReport[] = []
  while (!trial.proved && left.length > 0) {
    if (context.signal?.aborted === true) break
    const canary = isOver(trial) ? undefined : takeCanary(left, trial, context.random)
    if (canary === undefined) return [...reports, ...spare(context, left, trial)]
    const first = await moveOne(context, canary)
    reports.push(...first)
    const failure = first.find(({ outcome, cause }) => isFailure(outcome) && cause !== 'group-failed')
    if (failure !== undefined) {
      trial.failed.push({ move: canary, report: failure })
      await mark(context, canary, first)
    } else if (first.some(({ outcome }) => outcome !== 'skipped')) {
      trial.proved = true // one that was only skipped proves nothing
      await pass(context, canary, trial)
    }
  }
  const alike = left.filter((move) => failsAlike(move, trial))
  reports.push(...spare(context, alike, trial))
  const others = await pMap(
    left.filter((move) => !alike.includes(move)),
    async (move) => {
      const done = await moveOne(context, move)
      for (const [i, { name, cause }] of done.entries()) {
        if (isOwnFailure(cause)) await quarantineOne(context, move[i] as Move[number], name)
        else if (context.retry === true) await releaseOne(context, move[i] as Move[number], name)
      }
      return done
    },
    { concurrency: context.concurrency },
  )
  return [...reports, ...others.flat()]
}

function isFailure(outcome: ContainerReport['outcome']): boolean {
  return outcome === 'failed' || outcome === 'rolled-back'
}

function spare(context: MoveContext, moves: readonly Move[], trial: Trial): ContainerReport[] {
  const interrupted =
    context.signal?.aborted === true || trial.failed.some(({ report: { cause } }) => cause === 'interrupted')
  const spared: Result = interrupted
    ? INTERRUPTED
    : { outcome: 'skipped', reason: canaryFailed(trial), cause: 'canary-failed', warnings: [] }
  return moves.flatMap((move) => report(context, move, () => spared))
}

// The image that the failed container itself was to run, which in a group may be the image of another. Best effort: without
// the mark the next run tries the image once more, on its canary alone.
async function mark(context: MoveContext, move: Move, reports: readonly ContainerReport[]): Promise<void> {
  for (const [i, { cause }] of reports.entries())
    if (isOwnFailure(cause)) await quarantineOne(context, move[i] as Move[number])
}

// The image is not to blame for what failed before: that was the containers' own.
async function pass(context: MoveContext, canary: Move, { failed }: Trial): Promise<void> {
  for (const {
    move,
    report: { name, cause },
  } of failed) {
    const member = move.find(({ seen }) => seen.name === name)
    if (member === undefined || !isOwnFailure(cause)) continue
    await quarantineOne(context, member, name)
    await releaseOne(context, member)
  }
  if (context.retry !== true) return
  for (const member of canary) {
    await releaseOne(context, member)
    await releaseOne(context, member, member.seen.name)
  }
}

async function quarantineOne(
  { engine }: MoveContext,
  { seen, imageId, ref }: Move[number],
  name?: string,
): Promise<void> {
  if (ref === undefined || seen.view.Image === imageId) return
  await quarantine(engine, imageId, ref, name).catch(() => {})
}

async function releaseOne({ engine }: MoveContext, { imageId, ref }: Move[number], name?: string): Promise<void> {
  if (ref !== undefined) await release(engine, imageId, ref, name).catch(() => {})
}

const INTERRUPTED = {
  outcome: 'skipped',
  reason: 'interrupted',
  code: 'ABORTED',
  cause: 'interrupted',
  warnings: [],
} as const

async function moveOne(context: MoveContext, move: Move): Promise<ContainerReport[]> {
  if (context.signal?.aborted === true) {
    return report(context, move, () => INTERRUPTED)
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
      cause: causeOf(error, 'stop'),
      warnings: [],
    }
  }
}
