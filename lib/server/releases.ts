import { hasCode, messageOf } from '../base/errors.ts'
import type { Clock, Log } from '../base/ports.ts'
import { parseReference, sameReference } from '../base/reference.ts'
import { wholeRefresh, type Jobs, type RefreshSetup } from './jobs.ts'

export interface ReleasesOptions {
  readonly jobs: Pick<Jobs, 'admit' | 'idle'>
  readonly setup: RefreshSetup
  readonly clock: Pick<Clock, 'sleep'>
  readonly log: Log
  /** Milliseconds that are waited for more of the same release; default 1,000. */
  readonly settle?: number | undefined
}

/** Releases that somebody told of, on their way to become refreshes. */
export interface Releases {
  /** Labels of the targets that a reference is, by registry, repository and tag. None for what is not ours. */
  targetsOf(reference: string): string[]
  /** Refreshes these targets soon: after a pause, after the refresh that runs, together with what else comes until then. */
  announce(labels: readonly string[], by: string, requestId: string): void
  stop(): void
}

const SETTLE = 1000

/** Makes few refreshes out of many announcements: a release of eight images arrives as dozens of webhooks. */
export function createReleases({ jobs, setup, clock, log, settle = SETTLE }: ReleasesOptions): Releases {
  const stopping = new AbortController()
  let waiting = new Map<string, { by: string; requestId: string }>()
  let isWorking = false

  async function work(): Promise<void> {
    while (waiting.size > 0 && !stopping.signal.aborted) {
      await clock.sleep(settle, stopping.signal)
      await jobs.idle()
      const batch = waiting
      waiting = new Map()
      try {
        const { done } = await jobs.admit(applicationOf(batch))
        await done
      } catch (error) {
        if (!hasCode(error, 'BUSY')) throw error
        // Another one was faster: these wait for the next turn, with what came meanwhile.
        waiting = new Map([...batch, ...waiting])
      }
    }
  }

  function applicationOf(batch: typeof waiting): Parameters<Jobs['admit']>[0] {
    const targets = setup.targets.map(({ label }) => label).filter((label) => batch.has(label))
    const [first] = batch.values()
    const by = [...new Set([...batch.values()].map((asker) => asker.by))].join(', ')
    return { request: wholeRefresh(targets, setup), by, requestId: first?.requestId ?? '' }
  }

  return {
    targetsOf: (reference) => {
      try {
        const ref = parseReference(reference)
        return setup.targets.filter((target) => sameReference(target.ref, ref)).map(({ label }) => label)
      } catch {
        return []
      }
    },
    announce: (labels, by, requestId) => {
      for (const label of labels) waiting.set(label, { by, requestId })
      if (isWorking || waiting.size === 0) return
      isWorking = true
      void work()
        .catch((error: unknown) => {
          if (!stopping.signal.aborted) log.warn('announced releases are dropped', { error: messageOf(error) })
        })
        .finally(() => {
          isWorking = false
        })
    },
    stop: () => stopping.abort(),
  }
}
