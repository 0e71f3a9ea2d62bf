import { CredentialError, isDockerError, isNotFound, messageOf } from '../base/errors.ts'
import type { RegistryAuth } from '../base/registry-auth.ts'
import { formatReference } from '../base/reference.ts'
import { emptyProgress, reduceProgress } from '../engine/progress-stream.ts'
import type { RefreshEngine } from './container.ts'
import type { Candidate } from './candidates.ts'
import { localReport, standsIn, usersOf } from './local-image.ts'
import type { ImageReport, RefreshEvent } from './report.ts'
import type { Target } from './target.ts'

/** Finds the credential of a registry, and where it came from. */
export interface CredentialFinder {
  resolve(
    registry: string,
    repository?: string,
  ): Promise<{ readonly auth: RegistryAuth | undefined; readonly source: string }>
}

export interface PullContext {
  readonly engine: RefreshEngine
  readonly credentials: CredentialFinder
  readonly onEvent: (event: RefreshEvent) => void
  /** `os/arch[/variant]` */
  readonly platform?: string | undefined
  /** Milliseconds for one pull. */
  readonly pullTimeout?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Pulls one image, or finds out why it cannot be had. Never throws: the report has the error. An image that was built or
 * loaded on the engine is no failure where a registry does not give it.
 *
 * @param candidates the containers that may be moved
 */
export async function pullTarget(
  context: PullContext,
  target: Target,
  candidates: readonly Candidate[] = [],
): Promise<ImageReport> {
  const ref = formatReference(target.ref)
  const about = { ref, target: target.label }
  if (target.ref.digest !== undefined)
    return { ...about, outcome: 'pinned', before: null, after: null, digest: target.ref.digest, bytes: 0 }
  let before: string | null = null
  try {
    before = await imageId(context.engine, ref)
    const { bytes, id, digest } = await pull(context, target, ref)
    return {
      ...about,
      outcome: id === before ? 'current' : 'updated',
      before,
      after: id,
      digest: digest ?? null,
      bytes,
    }
  } catch (error) {
    const failure = { code: isDockerError(error) ? error.code : ('UNEXPECTED' as const), message: messageOf(error) }
    const image = before === null ? undefined : await context.engine.images.inspect(before).catch(() => undefined)
    if (standsIn(image, target.ref, failure.code, usersOf(candidates, target.ref)))
      return localReport(target, image.Id, `not pulled, what the tag names here counts: ${failure.message}`)
    return { ...about, outcome: 'failed', before, after: before, digest: null, bytes: 0, error: failure }
  }
}

async function pull(
  { engine, credentials, onEvent, platform, pullTimeout, signal }: PullContext,
  target: Target,
  ref: string,
): Promise<{ id: string; digest: string | undefined; bytes: number }> {
  const { auth, source } = await credentials.resolve(target.ref.registry, target.ref.repository)
  const pulling = engine.images.pull(
    ref,
    { auth, platform },
    { signal, ...(pullTimeout === undefined ? {} : { timeout: pullTimeout }) },
  )
  let progress = emptyProgress()
  try {
    for await (const message of pulling) {
      const next = reduceProgress(progress, message)
      if (next !== progress)
        onEvent({
          type: 'pull',
          target: target.label,
          ref,
          current: next.current,
          total: next.total,
          status: message.status ?? '',
        })
      progress = next
    }
    return { ...(await pulling), bytes: progress.current }
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error
    throw new CredentialError(error.code, `${error.message} Credential used: ${source}.`, { cause: error })
  }
}

/** Id of the image that a reference names on the engine, `null` for none. */
export async function imageId(engine: RefreshEngine, ref: string): Promise<string | null> {
  try {
    return (await engine.images.inspect(ref)).Id
  } catch (error) {
    if (isNotFound(error)) return null
    throw error
  }
}
