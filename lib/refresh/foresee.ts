import { isDockerError, messageOf, type ErrorCode } from '../base/errors.ts'
import { formatReference } from '../base/reference.ts'
import type { RegistryClient } from '../registry/client.ts'
import type { Candidate } from './candidates.ts'
import type { RefreshEngine } from './container.ts'
import { absentReport, localReport, standsIn, usersOf } from './local-image.ts'
import { localReader, runs } from './local.ts'
import { enginePlatform, unfitReason } from './platform.ts'
import type { Wanted } from './plan.ts'
import type { ImageReport } from './report.ts'
import type { Target } from './target.ts'

export interface ForeseeContext {
  readonly engine: RefreshEngine
  /** Asked what there is to pull. Without it only the engine is. */
  readonly remote?: Pick<RegistryClient, 'digest'> | undefined
  /** False asks no registry: what is on the engine counts. */
  readonly pull?: boolean | undefined
  readonly platform?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a pull would come to, and what containers would have to run then where that is not on the engine yet. */
export interface Foreseen {
  readonly image: ImageReport
  readonly wanted?: Wanted | undefined
}

/**
 * Tells what a refresh would find, and pulls nothing. What would keep a refresh from pulling (a login that is refused, a
 * registry that cannot be reached, a tag that is gone, nothing for the engine's platform) is `unknown`, with the reason:
 * what is on the engine says nothing about what a refresh would come to.
 */
export async function foresee(
  context: ForeseeContext,
  candidates: readonly Candidate[],
  target: Target,
): Promise<Foreseen> {
  const { label, ref } = target
  const about = { ref: formatReference(ref), target: label, bytes: 0 }
  if (ref.digest !== undefined)
    return { image: { ...about, outcome: 'pinned', before: null, after: null, digest: ref.digest } }
  const local = await localReader(context.engine, candidates)(ref)
  const id = local.image?.id ?? null
  if (context.pull === false) return { image: id === null ? absentReport(target) : localReport(target, id) }
  const asItIs: ImageReport = {
    ...about,
    outcome: id === null ? 'updated' : 'current',
    before: id,
    after: id,
    digest: null,
  }
  if (context.remote === undefined) return { image: asItIs }
  try {
    const { signal } = context
    const platform = context.platform ?? enginePlatform(await context.engine.info())
    const known = local.image?.digests
    const remote = await context.remote.digest(ref, { platform, known, mustFit: false, signal })
    const { digest, offered } = remote
    if (local.image?.digests.includes(digest) === true) return { image: { ...asItIs, digest } }
    const wanted: Wanted = {
      imageId: '',
      sameContent: (candidate) =>
        local.users.some((user) => user.candidate.seen.id === candidate.seen.id && runs(user, remote)),
    }
    const isCurrent = local.users.length > 0 && local.users.every((user) => runs(user, remote))
    if (offered !== undefined && !isCurrent)
      return unknown(about, id, digest, 'NO_PLATFORM', unfitReason(offered, platform))
    return { image: { ...about, outcome: 'updated', before: id, after: null, digest }, wanted }
  } catch (error) {
    if (!isDockerError(error) || context.signal?.aborted === true) throw error
    const here = id === null ? undefined : await context.engine.images.inspect(id)
    if (standsIn(here, ref, error.code, usersOf(candidates, ref)))
      return { image: localReport(target, here.Id, `not pulled, what the tag names here counts: ${messageOf(error)}`) }
    return unknown(about, id, null, error.code, messageOf(error))
  }
}

function unknown(
  about: Pick<ImageReport, 'ref' | 'target' | 'bytes'>,
  before: string | null,
  digest: string | null,
  code: ErrorCode,
  message: string,
): Foreseen {
  return { image: { ...about, outcome: 'unknown', before, after: null, digest, error: { code, message } } }
}
