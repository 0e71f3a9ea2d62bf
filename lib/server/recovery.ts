import { messageOf } from '../base/errors.ts'
import type { Clock, Log } from '../base/ports.ts'
import type { Recovered } from '../refresh/index.ts'
import type { Job } from './job.ts'
import type { JobObserver, Jobs } from './jobs.ts'

/** A replacement that has not come to its end, as it was seen last. */
export type OpenOperation = Pick<Recovered, 'name' | 'op' | 'outcome' | 'reason'>

export interface RecoveryOptions {
  /** Ends what was left unfinished, and tells what became of it. */
  readonly recover: () => Promise<readonly Recovered[]>
  readonly clock: Pick<Clock, 'sleep'>
  readonly log: Log
}

/** Ends replacements that were left unfinished, as soon as the engine lets it. */
export interface Recovery extends Required<Pick<JobObserver, 'ended'>> {
  /** Begins to work between the refreshes of these jobs. Once. */
  start(jobs: Pick<Jobs, 'idle' | 'running'>): void
  /** Asks for a look: something may have been left unfinished. */
  look(): void
  /** What is left. Empty also where nothing was looked at yet. */
  open(): readonly OpenOperation[]
  /** Resolves when no recovery runs. */
  idle(): Promise<void>
  /** Takes up nothing more; resolves when the one that runs has ended. */
  stop(): Promise<void>
}

const FIRST_PAUSE = 1000
const LAST_PAUSE = 30_000

/**
 * Looks after whatever a refresh of this process left unfinished: when the engine went away in the middle, a refresh ends
 * with a container down, and nobody may ask for another one. Tries until nothing is left, from every second to every 30 s,
 * and never beside a refresh, which recovers by itself.
 */
export function createRecovery({ recover, clock, log }: RecoveryOptions): Recovery {
  const stopping = new AbortController()
  let isNeeded = false
  const waiting: (() => void)[] = []
  let open: readonly OpenOperation[] = []
  let running: Promise<void> = Promise.resolve()
  let working: Promise<void> = Promise.resolve()
  let said = ''

  const say = (text: string, fields: Readonly<Record<string, unknown>>): void => {
    const now = `${text} ${JSON.stringify(fields)}`
    if (now !== said) log.warn(text, fields)
    said = now
  }

  async function attempt(): Promise<void> {
    try {
      const recovered = await recover()
      open = recovered.filter(({ outcome }) => outcome === 'failed' || outcome === 'busy')
      for (const { name, outcome, reason } of recovered)
        if (outcome === 'committed' || outcome === 'rolled-back') log.info('recovered', { name, outcome, reason })
      for (const { name, outcome, reason } of open) say('a replacement is left unfinished', { name, outcome, reason })
      isNeeded = open.length > 0
      if (!isNeeded) said = ''
    } catch (error) {
      say('cannot recover now, it is tried again', { error: messageOf(error) })
    }
  }

  async function work(jobs: Pick<Jobs, 'idle' | 'running'>): Promise<void> {
    let pause = FIRST_PAUSE
    while (!stopping.signal.aborted) {
      if (!isNeeded) {
        await new Promise<void>((resolve) => waiting.push(resolve))
        pause = FIRST_PAUSE
        continue
      }
      await jobs.idle()
      if (stopping.signal.aborted || jobs.running() !== undefined) continue
      running = attempt()
      await running
      if (!isNeeded) continue
      await clock.sleep(pause, stopping.signal).catch(() => {})
      pause = Math.min(pause * 2, LAST_PAUSE)
    }
  }

  const look = (): void => {
    isNeeded = true
    for (const wake of waiting.splice(0)) wake()
  }
  return {
    start: (jobs) => void (working = work(jobs)),
    look,
    open: () => open,
    idle: () => running,
    ended: async (job) => {
      if (mayLeave(job)) look()
    },
    stop: async () => {
      stopping.abort()
      for (const wake of waiting.splice(0)) wake()
      await working
    },
  }
}

// Only what failed may have left something: what was rolled back, or skipped, is at its end.
function mayLeave(job: Job): boolean {
  const { request, report, error } = job.record()
  if (request.dryRun) return false
  if (error !== undefined || report === undefined) return true
  return (
    report.containers.some(({ outcome }) => outcome === 'failed') ||
    report.recovered.some(({ outcome }) => outcome === 'failed' || outcome === 'busy')
  )
}
