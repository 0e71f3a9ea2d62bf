import { repositoryName, sameReference, formatReference } from '../base/reference.ts'
import type { Candidate } from './candidates.ts'
import type { Cause } from './cause.ts'
import { refusal, type RefusalOptions } from './refuse.ts'
import type { Target } from './target.ts'

/** What is to be done with one container, and why. */
export interface PlanItem {
  readonly candidate: Candidate
  /** `undefined` for a container that no target is about but that must be told of. */
  readonly target: Target | undefined
  readonly action: 'replace' | 'current' | 'skip' | 'unknown'
  readonly reason?: string | undefined
  readonly cause?: Cause | undefined
}

/** The id of an image by its normalised reference: what a container must run to be current. */
export interface Wanted {
  readonly imageId: string
  /** True when a container of it was rolled back before. */
  readonly failedBefore?: boolean | undefined
  /** True when the container failed with it, although others did not. */
  failedWith?(candidate: Candidate): boolean
  /** True when the container's content is the wanted image's, although the ids differ. */
  sameContent(candidate: Candidate): boolean
}

export interface PlanOptions extends RefusalOptions {
  /** Nothing was pulled. */
  readonly dryRun?: boolean | undefined
  /** Why it is not known what a target is, by normalised reference. */
  readonly unknown?: ReadonlyMap<string, string> | undefined
  /** Containers that were made from an image id and are to be told of; by default none. */
  isTold?(candidate: Candidate): boolean
}

const NOT_PULLED = 'its image could not be pulled'
const NOT_THERE = 'its image is not on the engine: a refresh pulls it first'
const FAILED_BEFORE = {
  action: 'skip',
  cause: 'rolled-back-before',
  reason:
    'this image was rolled back before and waits until its tag moves; --retry (over HTTP retry=true) tries it again',
} as const
const FROM_ID = {
  action: 'skip',
  cause: 'pinned',
  reason: 'pinned: it was made from an image id, which follows no tag',
} as const
const PINNED = { action: 'skip', cause: 'pinned', reason: 'pinned to a digest' } as const

/**
 * Decides for each candidate. Registry, repository and tag must be the target's, never a part of its text; outdated is
 * what runs another image than the reference names now. Pure.
 *
 * @param wanted by normalised reference; a target without an entry could not be pulled, and its containers are left alone
 */
export function planContainers(
  candidates: readonly Candidate[],
  targets: readonly Target[],
  wanted: ReadonlyMap<string, Wanted>,
  options: PlanOptions = {},
): PlanItem[] {
  return candidates.flatMap((candidate) => {
    const target = targets.find(({ ref }) => candidate.ref !== undefined && sameReference(ref, candidate.ref))
    if (candidate.fromId === true)
      return options.isTold?.(candidate) === true ? [{ candidate, target, ...FROM_ID }] : []
    if (target === undefined) return pinnedElsewhere(candidate, targets)
    if (target.ref.digest !== undefined) return { candidate, target, ...PINNED }
    const image = wanted.get(formatReference(target.ref))
    const unknown = options.unknown?.get(formatReference(target.ref))
    if (unknown !== undefined) return { candidate, target, action: 'unknown' as const, reason: unknown }
    if (image === undefined)
      return { candidate, target, action: 'skip' as const, reason: options.dryRun === true ? NOT_THERE : NOT_PULLED }
    if (candidate.seen.view.Image === image.imageId || image.sameContent(candidate))
      return { candidate, target, action: 'current' as const }
    if (image.failedBefore === true || image.failedWith?.(candidate) === true)
      return { candidate, target, ...FAILED_BEFORE }
    const refused = refusal(candidate.seen, options)
    return refused === undefined
      ? { candidate, target, action: 'replace' as const }
      : { candidate, target, action: 'skip' as const, reason: refused }
  })
}

// A container of the target's repository and tag that names a digest as well does not follow the tag: said, not done.
function pinnedElsewhere(candidate: Candidate, targets: readonly Target[]): PlanItem[] {
  const { ref } = candidate
  if (ref?.digest === undefined) return []
  const near = targets.find(
    (target) => repositoryName(target.ref) === repositoryName(ref) && target.ref.tag === ref.tag,
  )
  return near === undefined ? [] : [{ candidate, target: near, ...PINNED }]
}
