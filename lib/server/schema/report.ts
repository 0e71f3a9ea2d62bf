import * as z from 'zod/mini'

import type { ErrorCode } from '../../base/errors.ts'
import type { Cause, ContainerReport, ImageReport, Recovered, RefreshReport } from '../../refresh/index.ts'

// A code is a stable text; the list grows, so that clients must expect new ones.
export const errorCode: z.ZodMiniType<ErrorCode> = z.string() as unknown as z.ZodMiniType<ErrorCode>

const cause: z.ZodMiniType<Cause> = z.string() as unknown as z.ZodMiniType<Cause>

// A member that a report has and its schema has not, an optional one too, is a compile error.
type Members<T> = Record<keyof T, z.ZodMiniType>

export const imageReport: z.ZodMiniType<ImageReport> = z.object({
  ref: z.string(),
  target: z.string(),
  outcome: z.enum(['updated', 'current', 'failed', 'pinned', 'unknown', 'local']),
  before: z.nullable(z.string()),
  after: z.nullable(z.string()),
  digest: z.nullable(z.string()),
  bytes: z.number(),
  error: z.optional(z.object({ code: errorCode, message: z.string() })),
  warning: z.optional(z.string()),
} satisfies Members<ImageReport>)

export const containerReport: z.ZodMiniType<ContainerReport> = z.object({
  name: z.string(),
  id: z.string(),
  newId: z.optional(z.string()),
  helperId: z.optional(z.string()),
  image: z.string(),
  outcome: z.enum(['replaced', 'removed', 'current', 'skipped', 'rolled-back', 'failed', 'unknown']),
  reason: z.optional(z.string()),
  code: z.optional(errorCode),
  cause: z.optional(cause),
  downtimeMs: z.optional(z.number()),
  warnings: z.array(z.string()),
  hooks: z.optional(
    z.array(z.object({ moment: z.enum(['pre-stop', 'post-start']), exitCode: z.number(), output: z.string() })),
  ),
  settings: z.optional(
    z.object({
      inherited: z.array(z.string()),
      carried: z.array(z.string()),
      changed: z.array(z.string()),
      dropped: z.array(z.string()),
    }),
  ),
} satisfies Members<ContainerReport>)

export const recovered: z.ZodMiniType<Recovered> = z.object({
  name: z.string(),
  op: z.string(),
  outcome: z.enum(['committed', 'rolled-back', 'left', 'busy', 'failed']),
  reason: z.optional(z.string()),
  code: z.optional(errorCode),
} satisfies Members<Recovered>)

export const refreshReport: z.ZodMiniType<RefreshReport> = z.object({
  pulled: z.array(z.string()),
  failed: z.array(z.string()),
  recreated: z.array(z.string()),
  images: z.array(imageReport),
  containers: z.array(containerReport),
  matched: z.number(),
  recovered: z.array(recovered),
  cleaned: z.array(z.object({ id: z.string(), bytes: z.number() })),
  warnings: z.array(z.string()),
  dryRun: z.boolean(),
  interrupted: z.boolean(),
  startedAt: z.string(),
  durationMs: z.number(),
} satisfies Members<RefreshReport>)
