import * as z from 'zod/mini'

import type { RefreshReport } from '../../refresh/index.ts'
import { watcherState, type WatcherState } from '../watcher.ts'
import { jobRecord, type JobRecord } from './job.ts'
import { refreshReport } from './report.ts'

/** Everything that the page shows. */
export interface Overview {
  /** What a refresh would do, by what registries and the engine have now. */
  readonly plan: RefreshReport
  /** Image id that each container of the plan runs, by the container's id. */
  readonly runs: Readonly<Record<string, string>>
  readonly running: JobRecord | null
  /** Refreshes that have ended, newest first, ten at most. */
  readonly ended: readonly JobRecord[]
  /** Absent without a watcher in this process, and before its first look. */
  readonly watcher?: WatcherState | undefined
}

export const overview: z.ZodMiniType<Overview> = z.object({
  plan: refreshReport,
  runs: z.record(z.string(), z.string()),
  running: z.nullable(jobRecord),
  ended: z.array(jobRecord),
  watcher: z.optional(watcherState),
})
