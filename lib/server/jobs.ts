import { AbortedError, InputError, RefreshError } from '../base/errors.ts'
import type { Clock, Random } from '../base/ports.ts'
import { refresh, type RefreshOptions, type RefreshPorts } from '../refresh/index.ts'
import { Job, type Asker } from './job.ts'
import type { JobRequest } from './schema/job.ts'
import { within } from './within.ts'

/** What a refresh is set up with: which images and containers, and how they are moved. */
export type RefreshSetup = Omit<RefreshOptions, 'recreate' | 'dryRun' | 'onEvent' | 'signal'>

/** Told when a job begins and when it has ended. */
export interface JobObserver {
  /** An error of it keeps the job from beginning. */
  begins?(job: Job): Promise<void>
  ended?(job: Job): Promise<void>
}

export interface JobsOptions {
  readonly ports: RefreshPorts
  readonly setup: RefreshSetup
  readonly clock: Clock
  readonly random: Random
  readonly observer: JobObserver
  /** Awaited before each refresh begins to work, for instance for a recovery that runs. */
  readonly ready?: (() => Promise<void>) | undefined
}

/** A job to be admitted. */
export interface Application extends Asker {
  readonly request: JobRequest
  /** What the labels of the request mean, when they are not among the configured targets. */
  readonly targets?: RefreshSetup['targets'] | undefined
  /** A key of the client: the same key of the same client and request is the same job. */
  readonly key?: string | undefined
  /** Take the one that runs. */
  readonly join?: boolean | undefined
}

/** A job, and whether this application began it. */
export interface Admission {
  readonly job: Job
  readonly done: Promise<void>
  readonly isNew: boolean
}

/** Jobs of this process: at most one refresh and one plan at a time, the newest 50 kept. */
export interface Jobs {
  /**
   * Begins a job, or joins one.
   *
   * @throws RefreshError `BUSY` with `facts.job`; InputError `INPUT_INVALID` for a key that was used for something else;
   * AbortedError `ABORTED` when the service stops
   */
  admit(application: Application): Promise<Admission>
  get(id: string): Job | undefined
  /** Newest first. */
  list(): Job[]
  /** The refresh that runs. */
  running(): Job | undefined
  /** Resolves when no refresh runs. */
  idle(): Promise<void>
  /** Takes no more jobs and ends the running ones at a safe point. @returns whether they ended within `ms` */
  stop(ms: number): Promise<boolean>
}

const KEEP = 50

/** What is asked when nobody says how: everything that these targets need. */
export function wholeRefresh(targets: readonly string[], { strategy = 'replace' }: RefreshSetup): JobRequest {
  return { targets, recreate: true, dryRun: false, strategy, retry: false }
}

type Lane = 'refresh' | 'plan'

export function createJobs({ ports, setup, clock, random, observer, ready }: JobsOptions): Jobs {
  const jobs = new Map<string, Admission>()
  const keys = new Map<string, Job>()
  const lanes = new Map<Lane, Admission>()
  const stopping = new AbortController()

  function begin(application: Application): Admission {
    const { request, by, requestId } = application
    const job = new Job(random.id(), { by, requestId }, request, clock)
    const lane: Lane = request.dryRun ? 'plan' : 'refresh'
    const done = run(job, application.targets ?? chosen(request.targets)).finally(() => lanes.delete(lane))
    const admission = { job, done, isNew: false }
    lanes.set(lane, admission)
    jobs.set(job.id, admission)
    if (application.key !== undefined) keys.set(`${by} ${application.key}`, job)
    forget()
    return { ...admission, isNew: true }
  }

  async function run(job: Job, targets: RefreshSetup['targets']): Promise<void> {
    await job.run(async (onEvent) => {
      await observer.begins?.(job)
      if (!job.request.dryRun) await ready?.()
      const { pull, recreate, dryRun, strategy, retry } = job.request
      const options = { ...setup, targets, pull, recreate, dryRun, strategy, retry }
      return refresh(ports, { ...options, onEvent, signal: stopping.signal })
    })
    await observer.ended?.(job)
  }

  // No targets at all means those that the selected containers use, and stays so.
  function chosen(labels: readonly string[]): RefreshSetup['targets'] {
    return setup.targets.filter(({ label }) => labels.includes(label))
  }

  function forget(): void {
    for (const [id, { job }] of jobs) {
      if (jobs.size <= KEEP) break
      if (job.record().state === 'ended') jobs.delete(id)
    }
    for (const [key, { id }] of keys) if (!jobs.has(id)) keys.delete(key)
  }

  return {
    admit: async (application) => {
      const { request, by, key, join } = application
      const same = key === undefined ? undefined : keys.get(`${by} ${key}`)
      if (same !== undefined) {
        if (JSON.stringify(same.request) !== JSON.stringify(request))
          throw new InputError('INPUT_INVALID', 'this Idempotency-Key was used for another request')
        return jobs.get(same.id) as Admission
      }
      const running = lanes.get(request.dryRun ? 'plan' : 'refresh')
      if (running !== undefined && join === true) return running
      if (running !== undefined)
        throw new RefreshError('BUSY', `another ${request.dryRun ? 'plan' : 'refresh'} is running`, {
          facts: { job: running.job.id },
        })
      if (stopping.signal.aborted) throw new AbortedError('ABORTED', 'the service is stopping')
      return begin(application)
    },
    get: (id) => jobs.get(id)?.job,
    list: () => [...jobs.values()].map(({ job }) => job).toReversed(),
    running: () => lanes.get('refresh')?.job,
    idle: async () => {
      for (let lane = lanes.get('refresh'); lane !== undefined; lane = lanes.get('refresh')) await lane.done
    },
    stop: async (ms) => {
      stopping.abort(new AbortedError('ABORTED', 'the service is stopping'))
      const ended = Promise.all([...lanes.values()].map(({ done }) => done))
      return (await within(ended, ms, clock)) !== undefined
    },
  }
}
