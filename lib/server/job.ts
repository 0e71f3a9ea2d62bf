import type { Clock } from '../base/ports.ts'
import type { ContainerReport, ImageReport, RefreshEvent, RefreshReport } from '../refresh/index.ts'
import { EventLog } from './event-log.ts'
import type { JobRecord, JobRequest, PartialResult } from './schema/job.ts'
import { shownError, statusOf, statusOfError } from './status.ts'

/** Who asked for a job. */
export interface Asker {
  /** Name of the token or webhook. */
  readonly by: string
  readonly requestId: string
}

/** Does the work of a job: a refresh. */
export type Work = (onEvent: (event: RefreshEvent) => void) => Promise<RefreshReport>

/** One refresh or plan. It belongs to nobody's connection. */
export class Job {
  readonly id: string
  readonly asker: Asker
  readonly request: JobRequest
  readonly events: EventLog
  readonly #clock: Clock
  readonly #startedAt: string
  readonly #images: ImageReport[] = []
  readonly #containers: ContainerReport[] = []
  #thrown: unknown
  #ending: Pick<JobRecord, 'endedAt' | 'status' | 'report' | 'error' | 'partial'> = {}
  #clientLeft = false

  constructor(id: string, asker: Asker, request: JobRequest, clock: Clock) {
    this.id = id
    this.asker = asker
    this.request = request
    this.events = new EventLog({ monotonic: () => clock.monotonic() })
    this.#clock = clock
    this.#startedAt = new Date(clock.now()).toISOString()
  }

  /** Does the work and keeps what came of it. Never throws. */
  async run(work: Work): Promise<void> {
    try {
      const report = await work((event) => this.#note(event))
      this.#ending = { status: statusOf(report), report }
    } catch (error) {
      this.#thrown = error
      this.#ending = { status: statusOfError(error), error: shownError(error), partial: this.#partial() }
    }
    this.#ending = { ...this.#ending, endedAt: new Date(this.#clock.now()).toISOString() }
    this.events.close()
  }

  /** What ended the work before its end. */
  get thrown(): unknown {
    return this.#thrown
  }

  /** Notes that a client did not stay until the end. */
  left(): void {
    this.#clientLeft = this.#clientLeft || this.#ending.endedAt === undefined
  }

  record(): JobRecord {
    return {
      id: this.id,
      state: this.#ending.endedAt === undefined ? 'running' : 'ended',
      ...this.asker,
      request: this.request,
      clientLeft: this.#clientLeft,
      startedAt: this.#startedAt,
      ...this.#ending,
      events: this.events.count,
    }
  }

  #note(event: RefreshEvent): void {
    if (event.type === 'image') this.#images.push(event.image)
    if (event.type === 'container') this.#containers.push(event.container)
    this.events.add(event)
  }

  #partial(): PartialResult {
    const moved = this.#containers.filter(({ outcome }) => outcome === 'replaced' || outcome === 'removed')
    return {
      pulled: this.#images
        .filter(({ outcome }) => outcome === 'updated' || outcome === 'current')
        .map(({ target }) => target),
      failed: this.#images.filter(({ outcome }) => outcome === 'failed').map(({ target }) => target),
      recreated: this.request.dryRun ? [] : moved.map(({ name }) => name),
      images: this.#images,
      containers: this.#containers,
    }
  }
}
