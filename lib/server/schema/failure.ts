import * as z from 'zod/mini'

import type { ErrorCode } from '../../base/errors.ts'
import { partialResult, type PartialResult } from './job.ts'
import { errorCode } from './report.ts'

/** Body of every answer that is a refusal or a failure. */
export interface Failure {
  readonly error: string
  readonly code?: ErrorCode | undefined
  /** Id of the job that this is about. */
  readonly job?: string | undefined
  /** With 400: what `runtime` may be. */
  readonly known_runtimes?: readonly string[] | undefined
  /** With 500: what had been done until then. */
  readonly partial_result?: PartialResult | undefined
}

export const failure: z.ZodMiniType<Failure> = z.object({
  error: z.string(),
  code: z.optional(errorCode),
  job: z.optional(z.string()),
  known_runtimes: z.optional(z.array(z.string())),
  partial_result: z.optional(partialResult),
})
