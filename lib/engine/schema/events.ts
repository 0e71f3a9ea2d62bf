import * as z from 'zod/mini'

import { int64, maybe, stringMap, type Int64 } from './shape.ts'

/** Something that happened to an object of the engine. */
export interface EngineEvent {
  /** Only watching gives items that have one, to tell what is no event. */
  type?: undefined
  /** `container`, `image`, `network`, `volume`, `daemon`, `service`, … */
  Type: string
  /** `create`, `start`, `die`, `destroy`, `health_status: healthy`, `exec_start: sh`, … */
  Action: string
  /** The object and its labels: of a container also `name`, `image`, `exitCode`, … */
  Actor: { ID: string; Attributes: Record<string, string> }
  /** `local` or `swarm`. */
  scope?: string | undefined
  /** Seconds since the epoch. */
  time: number
  /** Nanoseconds since the epoch. */
  timeNano: Int64
}

export const engineEvent: z.ZodMiniType<EngineEvent> = z.looseObject({
  type: z.optional(z.undefined()),
  Type: z.string(),
  Action: z.string(),
  Actor: z.looseObject({ ID: z.string(), Attributes: stringMap }),
  scope: maybe(z.string()),
  time: z.number(),
  timeNano: int64,
})
