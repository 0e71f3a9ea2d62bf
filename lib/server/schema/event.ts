import * as z from 'zod/mini'

import type { RefreshEvent } from '../../refresh/index.ts'
import { containerReport, imageReport, recovered } from './report.ts'

const phase = z.enum([
  'look',
  'create',
  'prove',
  'disarm',
  'stop',
  'park',
  'name',
  'start',
  'gate',
  'commit',
  'roll back',
  'wait for stop',
  'wait for engine',
])

/** What a refresh tells while it runs: the same events that the command line renders. */
export const refreshEvent: z.ZodMiniType<RefreshEvent> = z.union([
  z.object({ type: z.literal('recovered'), recovered }),
  z.object({
    type: z.literal('pull'),
    target: z.string(),
    ref: z.string(),
    current: z.number(),
    total: z.number(),
    status: z.string(),
  }),
  z.object({ type: z.literal('image'), image: imageReport }),
  z.object({ type: z.literal('phase'), name: z.string(), phase }),
  z.object({ type: z.literal('container'), container: containerReport }),
])
