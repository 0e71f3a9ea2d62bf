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

/** Asks for each reference once a minute at most, so that a page that is open costs registries little. */
export function createRegistryLook({ registry, engine, clock, metrics }: RegistryLookOptions): RegistryLook {
  const asked = new Map<string, { readonly at: number; readonly digest: Promise<string> }>()

  const digestOf = (ref: Reference): Promise<string> => {
    const name = formatReference(ref)
    const known = asked.get(name)
    if (known !== undefined && clock.monotonic() - known.at < GOOD_FOR) return known.digest
    const digest = registry.digest(ref).then((remote) => remote.digest)
    digest.then(
      () => metrics.registryRequest(ref.registry, 'ok'),
      (error: unknown) => metrics.registryRequest(ref.registry, shownError(error).code),
    )
    asked.set(name, { at: clock.monotonic(), digest })
    return digest
  }

  const look = async ({ ref }: Target): Promise<RegistryState> => {
    const name = formatReference(ref)
    try {
      const digest = await digestOf(ref)
      const local = await digestsOf(engine, name)
      return { ref: name, state: local.some((one) => one.endsWith(`@${digest}`)) ? 'same' : 'newer', digest }
    } catch (error) {
      return { ref: name, state: 'unknown', digest: null, error: shownError(error) }
    }
  }
  return (targets) => Promise.all(targets.filter(({ ref }) => ref.digest === undefined).map(look))
}

async function digestsOf(engine: Pick<RefreshEngine, 'images'>, name: string): Promise<readonly string[]> {
  try {
    return (await engine.images.inspect(name)).RepoDigests
  } catch (error) {
    if (isNotFound(error)) return []
    throw error
  }
}
