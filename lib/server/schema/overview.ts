import * as z from 'zod/mini'

import type { ErrorCode } from '../../base/errors.ts'
import type { RefreshReport } from '../../refresh/index.ts'
import { jobRecord, type JobRecord } from './job.ts'
import { errorCode, refreshReport } from './report.ts'

/** What the registry has for one of the images. */
export interface RegistryState {
  readonly ref: string
  /** `newer`: the engine has another digest, or none; `unknown`: the registry could not be asked. */
  readonly state: 'same' | 'newer' | 'unknown'
  readonly digest: string | null
  readonly error?: { readonly code: ErrorCode; readonly message: string } | undefined
}

/** Everything that the page shows. */
export interface Overview {
  /** A plan: what a refresh would do, by what is on the engine now. */
  readonly plan: RefreshReport
  /** Empty when the service was set up without a way to ask registries. */
  readonly registry: readonly RegistryState[]
  readonly running: JobRecord | null
  /** The newest refresh that has ended. */
  readonly last: JobRecord | null
}

export const overview: z.ZodMiniType<Overview> = z.object({
  plan: refreshReport,
  registry: z.array(
    z.object({
      ref: z.string(),
      state: z.enum(['same', 'newer', 'unknown']),
      digest: z.nullable(z.string()),
      error: z.optional(z.object({ code: errorCode, message: z.string() })),
    }),
  ),
  running: z.nullable(jobRecord),
  last: z.nullable(jobRecord),
})
