import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/ports.ts'
import type { JobObserver } from './jobs.ts'

/**
 * Several observers as one, in their order. An error at the beginning keeps the job from beginning; at the end the others
 * are told all the same.
 */
export function observers(all: readonly JobObserver[], log: Log): Required<JobObserver> {
  return {
    begins: async (job) => {
      for (const observer of all) await observer.begins?.(job)
    },
    ended: async (job) => {
      for (const observer of all) {
        try {
          await observer.ended?.(job)
        } catch (failure) {
          log.warn('the end of a job could not be told', { job: job.id, error: messageOf(failure) })
        }
      }
    },
  }
}

/** Writes the seed's line for each refresh, with fields beside it. */
export function logJobs(log: Log): Required<JobObserver> {
  return {
    begins: async ({ id, asker, request }) => log.info('job begins', { job: id, ...asker, asked: request }),
    ended: async (job) => {
      const { id, status, report, partial, error: shown } = job.record()
      const { pulled = [], failed = [], recreated = [] } = report ?? partial ?? {}
      const fields = { job: id, ...job.asker, status, pulled, failed, recreated, dryRun: job.request.dryRun }
      const counts = `pulled=${pulled.length} failed=${failed.length} recreated=${recreated.length}`
      if (shown === undefined) log.info(`workspace-images/refresh: ${counts}`, fields)
      else
        log.warn(`workspace-images/refresh: ${counts}`, { ...fields, code: shown.code, error: messageOf(job.thrown) })
    },
  }
}
