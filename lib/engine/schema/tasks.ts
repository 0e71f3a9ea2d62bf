import * as z from 'zod/mini'

import { list, maybe, stringMap } from './shape.ts'
import { swarmObjectShape, type SwarmObject } from './swarm-object.ts'
import { taskSpec, type TaskSpec } from './task-spec.ts'

/** `GET /tasks`, `GET /tasks/{id}` */
export interface Task extends SwarmObject {
  Name?: string | undefined
  Labels: Record<string, string>
  Spec: TaskSpec
  ServiceID?: string | undefined
  Slot?: number | undefined
  /** Absent until it has a node. */
  NodeID?: string | undefined
  Status: TaskStatus
  /** What it shall come to. */
  DesiredState: string
}

export interface TaskStatus {
  /** RFC 3339. */
  Timestamp: string
  /** `new`, `pending`, `assigned`, `preparing`, `running`, `complete`, `failed`, `rejected`, … */
  State: string
  Message?: string | undefined
  Err?: string | undefined
  ContainerStatus?:
    | { ContainerID?: string | undefined; PID?: number | undefined; ExitCode?: number | undefined }
    | undefined
}

export const task: z.ZodMiniType<Task> = z.looseObject({
  ...swarmObjectShape,
  Name: maybe(z.string()),
  Labels: stringMap,
  Spec: taskSpec,
  ServiceID: maybe(z.string()),
  Slot: maybe(z.number()),
  NodeID: maybe(z.string()),
  Status: z.looseObject({
    Timestamp: z.string(),
    State: z.string(),
    Message: maybe(z.string()),
    Err: maybe(z.string()),
    ContainerStatus: maybe(
      z.looseObject({ ContainerID: maybe(z.string()), PID: maybe(z.number()), ExitCode: maybe(z.number()) }),
    ),
  }),
  DesiredState: z.string(),
})

export const tasks: z.ZodMiniType<Task[]> = list(task)
