import { isNotFound } from '../base/errors.ts'
import type { Clock } from '../base/ports.ts'
import { formatReference, type Reference } from '../base/reference.ts'
import type { RefreshEngine, Target } from '../refresh/index.ts'
import type { Metrics } from './metrics.ts'
import type { RegistryState } from './schema/overview.ts'
import { shownError } from './status.ts'

/** Asks registries what a reference is there. */
export interface DigestSource {
  digest(ref: Reference, options?: { readonly signal?: AbortSignal | undefined }): Promise<{ readonly digest: string }>
}

export interface RegistryLookOptions {
  readonly registry: DigestSource
  readonly engine: Pick<RefreshEngine, 'images'>
  readonly clock: Pick<Clock, 'monotonic'>
  readonly metrics: Pick<Metrics, 'registryRequest'>
}

/** Compares what registries have with what the engine has. */
export type RegistryLook = (targets: readonly Target[]) => Promise<RegistryState[]>

const GOOD_FOR = 60_000

/**
 * Asks for a reference that is the same here and there once a minute at most, so that a page that is open costs registries
 * little; what is said to differ is asked for anew, for a pull may have come after the last answer.
 */
export function createRegistryLook({ registry, engine, clock, metrics }: RegistryLookOptions): RegistryLook {
  const asked = new Map<string, { readonly at: number; readonly digest: Promise<string> }>()

  const ask = (ref: Reference, name: string): Promise<string> => {
    const digest = countAnswer(metrics, ref.registry, registry.digest(ref)).then((remote) => remote.digest)
    digest.catch(() => asked.delete(name))
    asked.set(name, { at: clock.monotonic(), digest })
    return digest
  }

  const look = async ({ ref }: Target): Promise<RegistryState> => {
    const name = formatReference(ref)
    try {
      const local = await digestsOf(engine, name)
      const isHere = (digest: string): boolean => local.some((one) => one.endsWith(`@${digest}`))
      const known = asked.get(name)
      const kept = known !== undefined && clock.monotonic() - known.at < GOOD_FOR ? await known.digest : undefined
      const digest = kept !== undefined && isHere(kept) ? kept : await ask(ref, name)
      return { ref: name, state: isHere(digest) ? 'same' : 'newer', digest }
    } catch (error) {
      return { ref: name, state: 'unknown', digest: null, error: shownError(error) }
    }
  }
  return (targets) => Promise.all(targets.filter(({ ref }) => ref.digest === undefined).map(look))
}

/** Counts a question to a registry by its outcome. */
export async function countAnswer<T>(
  metrics: Pick<Metrics, 'registryRequest'>,
  registry: string,
  answer: Promise<T>,
): Promise<T> {
  try {
    const value = await answer
    metrics.registryRequest(registry, 'ok')
    return value
  } catch (error) {
    metrics.registryRequest(registry, shownError(error).code)
    throw error
  }
}

async function digestsOf(engine: Pick<RefreshEngine, 'images'>, name: string): Promise<readonly string[]> {
  try {
    return (await engine.images.inspect(name)).RepoDigests
  } catch (error) {
    if (isNotFound(error)) return []
    throw error
  }
}
