import * as z from 'zod/mini'

import type { ErrorCode } from '../../base/errors.ts'
import type { ContainerReport, ImageReport, RefreshReport } from '../../refresh/index.ts'
import { containerReport, errorCode, imageReport, refreshReport } from './report.ts'

/** What was asked of a job. */
export interface JobRequest {
  /** Labels of the targets, in their order. */
  readonly targets: readonly string[]
  readonly recreate: boolean
  readonly dryRun: boolean
  readonly strategy: 'replace' | 'remove'
  /** Images that were rolled back before are tried again. */
  readonly retry: boolean
  /** False where no registry was to be asked. */
  readonly pull?: boolean | undefined
}

/** The seed's three lists, and what was known when a refresh broke off. */
export interface PartialResult {
  readonly pulled: readonly string[]
  readonly failed: readonly string[]
  readonly recreated: readonly string[]
  readonly images: readonly ImageReport[]
  readonly containers: readonly ContainerReport[]
}

/** One refresh or plan, running or ended. */
export interface JobRecord {
  readonly id: string
  readonly state: 'running' | 'ended'
  /** Name of the token, or of the webhook, that asked for it. */
  readonly by: string
  /** Id of the HTTP request that asked for it. */
  readonly requestId: string
  readonly request: JobRequest
  /** True when a client that waited for it left before its end. The job does not mind. */
  readonly clientLeft: boolean
  /** RFC 3339. */
  readonly startedAt: string
  readonly endedAt?: string | undefined
  /** HTTP status of the result. */
  readonly status?: number | undefined
  readonly report?: RefreshReport | undefined
  readonly error?: { readonly code: ErrorCode; readonly message: string } | undefined
  /** With an error: what had been done until then. */
  readonly partial?: PartialResult | undefined
  /** Number of its events so far. */
  readonly events: number
}

export const partialResult: z.ZodMiniType<PartialResult> = z.object({
  pulled: z.array(z.string()),
  failed: z.array(z.string()),
  recreated: z.array(z.string()),
  images: z.array(imageReport),
  containers: z.array(containerReport),
})

export const jobRecord: z.ZodMiniType<JobRecord> = z.object({
  id: z.string(),
  state: z.enum(['running', 'ended']),
  by: z.string(),
  requestId: z.string(),
  request: z.object({
    targets: z.array(z.string()),
    recreate: z.boolean(),
    dryRun: z.boolean(),
    strategy: z.enum(['replace', 'remove']),
    retry: z.boolean(),
    pull: z.optional(z.boolean()),
  }),
  clientLeft: z.boolean(),
  startedAt: z.string(),
  endedAt: z.optional(z.string()),
  status: z.optional(z.number()),
  report: z.optional(refreshReport),
  error: z.optional(z.object({ code: errorCode, message: z.string() })),
  partial: z.optional(partialResult),
  events: z.number(),
})

export const jobList: z.ZodMiniType<{ jobs: JobRecord[] }> = z.object({ jobs: z.array(jobRecord) })
