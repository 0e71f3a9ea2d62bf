import type { RefreshPorts } from '../refresh/index.ts'
import type { Metrics } from './metrics.ts'
import { shownError } from './status.ts'

/** Asks registries what a reference is there. */
export type Remote = NonNullable<RefreshPorts['remote']>

/** The same, with every question counted by its outcome. */
export function counted(remote: Remote, metrics: Pick<Metrics, 'registryRequest'>): Remote {
  return { digest: (ref, options) => countAnswer(metrics, ref.registry, remote.digest(ref, options)) }
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
