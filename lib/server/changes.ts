import type { ContainerReport, ImageReport, Recovered } from '../refresh/index.ts'
import type { JobRecord } from './schema/job.ts'

/** One thing that is no longer as it was. */
export interface Change {
  readonly subject: 'engine' | 'image' | 'container'
  /** Reference of an image, name of a container, `engine`. */
  readonly name: string
  readonly state: 'updated' | 'replaced' | 'removed' | 'rolled-back' | 'failed' | 'ok'
  /** Image ids. */
  readonly before?: string | null | undefined
  readonly after?: string | null | undefined
  readonly reason?: string | undefined
  readonly downtimeMs?: number | undefined
}

/** Finds changes of state: what failed before in the same way, or was well before, is none. */
export interface Changes {
  of(record: JobRecord): Change[]
}

/** Remembers how each image and container did last. */
export function createChanges(): Changes {
  const troubles = new Map<string, string>()
  const note = (change: Change): Change[] => {
    const key = `${change.subject} ${change.name}`
    const before = troubles.get(key)
    const trouble = change.state === 'failed' || change.state === 'rolled-back'
    const now = `${change.state} ${change.reason ?? ''}`
    if (trouble) troubles.set(key, now)
    else troubles.delete(key)
    if (change.state === 'ok') return before === undefined ? [] : [change]
    return trouble && before === now ? [] : [change]
  }
  return {
    of: ({ request, status, report, partial, error }) => {
      if (request.dryRun) return []
      const { images = [], containers = [] } = report ?? partial ?? {}
      return [
        ...note(status === 503 && error !== undefined ? engine('failed', error.message) : engine('ok')),
        ...(report?.recovered ?? [])
          .filter(({ outcome }) => outcome !== 'busy' && outcome !== 'left')
          .flatMap((one) => note(ofRecovered(one))),
        ...images.flatMap(ofImage).flatMap(note),
        ...containers.flatMap(ofContainer).flatMap(note),
      ]
    },
  }
}

function engine(state: 'failed' | 'ok', reason?: string): Change {
  return { subject: 'engine', name: 'engine', state, reason }
}

function ofImage({ ref, outcome, before, after, error }: ImageReport): Change[] {
  const about = { subject: 'image', name: ref } as const
  if (outcome === 'updated') return [{ ...about, state: 'updated', before, after }]
  return [outcome === 'failed' ? { ...about, state: 'failed', reason: error?.message } : { ...about, state: 'ok' }]
}

// What was skipped is as it was.
function ofContainer({ name, outcome, reason, downtimeMs }: ContainerReport): Change[] {
  if (outcome === 'skipped' || outcome === 'unknown') return []
  const state = outcome === 'current' ? 'ok' : outcome
  return [{ subject: 'container', name, state, reason, downtimeMs }]
}

function ofRecovered({ name, outcome, reason }: Recovered): Change {
  const state = outcome === 'committed' ? 'replaced' : outcome === 'rolled-back' ? 'rolled-back' : 'failed'
  return { subject: 'container', name, state, reason: reason ?? 'an earlier replacement was ended' }
}
