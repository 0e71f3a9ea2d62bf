import * as z from 'zod/mini'

import { int64, maybe, type Int64 } from './shape.ts'

/** What all objects of a swarm have. An update names the version that it is based on. */
export interface SwarmObject {
  ID: string
  Version: { Index: number }
  /** RFC 3339. */
  CreatedAt?: string | undefined
  UpdatedAt?: string | undefined
}

/** The members of {@link SwarmObject}, for schemas that hold more. */
export const swarmObjectShape: { [Key in keyof Required<SwarmObject>]: z.ZodMiniType<SwarmObject[Key]> } = {
  ID: z.string(),
  Version: z.looseObject({ Index: z.number() }),
  CreatedAt: maybe(z.string()),
  UpdatedAt: maybe(z.string()),
}

/** `ID` of what was created. */
export interface SwarmCreateResponse {
  ID: string
}

export const swarmCreateResponse: z.ZodMiniType<SwarmCreateResponse> = z.looseObject({ ID: z.string() })

/** Limits and reservations of tasks. */
export interface TaskResources {
  NanoCPUs?: Int64 | undefined
  /** Bytes. */
  MemoryBytes?: Int64 | undefined
  Pids?: Int64 | undefined
}

export const taskResources: z.ZodMiniType<TaskResources> = z.looseObject({
  NanoCPUs: maybe(int64),
  MemoryBytes: maybe(int64),
  Pids: maybe(int64),
})
