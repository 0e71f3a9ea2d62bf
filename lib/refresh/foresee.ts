import { isDockerError, messageOf } from '../base/errors.ts'
import { formatReference } from '../base/reference.ts'
import type { RegistryClient } from '../registry/client.ts'
import type { Candidate } from './candidates.ts'
import type { RefreshEngine } from './container.ts'
import { localReader, runs } from './local.ts'
import { enginePlatform } from './platform.ts'
import type { Wanted } from './plan.ts'
import type { ImageReport } from './report.ts'
import type { Target } from './target.ts'

export interface ForeseeContext {
  readonly engine: RefreshEngine
  /** Asked what there is to pull. Without it only the engine is. */
  readonly remote?: Pick<RegistryClient, 'digest'> | undefined
  readonly platform?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a pull would come to, and what containers would have to run then where that is not on the engine yet. */
export interface Foreseen {
  readonly image: ImageReport
  readonly wanted?: Wanted | undefined
}

/**
 * Tells what a refresh would find, and pulls nothing. Where the registry does not answer, what is on the engine counts,
 * and the report has a warning.
 */
export async function foresee(
  context: ForeseeContext,
  candidates: readonly Candidate[],
  { label, ref }: Target,
): Promise<Foreseen> {
  const about = { ref: formatReference(ref), target: label, bytes: 0 }
  if (ref.digest !== undefined)
    return { image: { ...about, outcome: 'pinned', before: null, after: null, digest: ref.digest } }
  const local = await localReader(context.engine, candidates)(ref)
  const id = local.image?.id ?? null
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
    const remote = await context.remote.digest(ref, { platform, known: local.image?.digests, signal })
    const { digest } = remote
    if (local.image?.digests.includes(digest) === true) return { image: { ...asItIs, digest } }
    const wanted: Wanted = {
      imageId: '',
      sameContent: (candidate) =>
        local.users.some((user) => user.candidate.seen.id === candidate.seen.id && runs(user, remote)),
    }
    return { image: { ...about, outcome: 'updated', before: id, after: null, digest }, wanted }
  } catch (error) {
    if (!isDockerError(error)) throw error
    return { image: { ...asItIs, warning: `cannot tell what the registry has: ${messageOf(error)}` } }
  }
}
