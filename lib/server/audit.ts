import { RefreshError } from '../base/errors.ts'
import type { Clock } from '../base/ports.ts'
import type { ContainerReport, ImageReport } from '../refresh/index.ts'
import type { Job } from './job.ts'
import type { JobObserver } from './jobs.ts'
import type { JobRecord, JobRequest } from './schema/job.ts'

/** One line of the audit log: a call that may change something has begun, or has ended. */
export interface AuditEntry {
  /** RFC 3339. */
  readonly time: string
  readonly event: 'begins' | 'ended'
  readonly job: string
  /** Id of the HTTP request. */
  readonly requestId: string
  /** Name of the token or webhook. */
  readonly by: string
  readonly asked: JobRequest
  readonly status?: number | undefined
  readonly error?: JobRecord['error']
  readonly images?: readonly Pick<ImageReport, 'ref' | 'outcome' | 'before' | 'after' | 'digest'>[] | undefined
  readonly containers?:
    | readonly Pick<ContainerReport, 'name' | 'image' | 'id' | 'newId' | 'outcome' | 'code'>[]
    | undefined
}

/** Appends a line to where it cannot be taken back. */
export type Audit = (entry: AuditEntry) => Promise<void>

/** Writes two lines for each refresh. One that cannot be recorded does not begin; plans change nothing and have none. */
export function auditJobs(audit: Audit, clock: Pick<Clock, 'now'>): Required<JobObserver> {
  const about = ({ id, asker, request }: Job): Omit<AuditEntry, 'event'> => ({
    time: new Date(clock.now()).toISOString(),
    job: id,
    ...asker,
    asked: request,
  })
  return {
    begins: async (job) => {
      if (job.request.dryRun) return
      try {
        await audit({ ...about(job), event: 'begins' })
      } catch (cause) {
        throw new RefreshError('UNEXPECTED', 'the audit log cannot be written, so nothing was done', { cause })
      }
    },
    ended: async (job) => {
      if (!job.request.dryRun) await audit({ ...about(job), event: 'ended', ...outcomeOf(job.record()) })
    },
  }
}

function outcomeOf({ status, error, report, partial }: JobRecord): Partial<AuditEntry> {
  const { images = [], containers = [] } = report ?? partial ?? {}
  return {
    status,
    error,
    images: images.map(({ ref, outcome, before, after, digest }) => ({ ref, outcome, before, after, digest })),
    containers: containers.map(({ name, image, id, newId, outcome, code }) => ({
      name,
      image,
      id,
      newId,
      outcome,
      code,
    })),
  }
}
