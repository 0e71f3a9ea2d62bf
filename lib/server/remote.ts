import type { Clock } from '../base/ports.ts'
import { formatReference } from '../base/reference.ts'
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

const GOOD_FOR = 60_000

/**
 * Asks for a reference that is the same here and there once a minute at most, so that a page that is open costs registries
 * little; what is said to differ is asked for anew, for a pull may have come after the last answer.
 */
export function remembered(remote: Remote, { monotonic }: Pick<Clock, 'monotonic'>): Remote {
  const answers = new Map<string, { readonly at: number; readonly answer: ReturnType<Remote['digest']> }>()
  return {
    digest: async (ref, options = {}) => {
      const name = formatReference(ref)
      const kept = answers.get(name)
      if (kept !== undefined && monotonic() - kept.at < GOOD_FOR) {
        const answer = await kept.answer
        if (options.known?.includes(answer.digest) === true) return answer
      }
      const answer = remote.digest(ref, options)
      answers.set(name, { at: monotonic(), answer })
      answer.catch(() => answers.delete(name))
      return answer
    },
  }
}
