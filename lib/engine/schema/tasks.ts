import * as z from 'zod/mini'

import { servicePorts, type ServicePort } from './services.ts'
import { list, maybe, stringMap } from './shape.ts'
import { genericResources, swarmObjectShape, type GenericResource, type SwarmObject } from './swarm-object.ts'
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
  AssignedGenericResources: GenericResource[]
  /** Of a job: the round that it belongs to. */
  JobIteration?: { Index?: number | undefined } | undefined
  NetworksAttachments: {
    Network?: { ID: string; Spec?: { Name?: string | undefined } | undefined } | undefined
    /** With the prefix length. */
    Addresses: string[]
  }[]
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
  /** Ports published on the node itself. */
  PortStatus?: { Ports: ServicePort[] } | undefined
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
    PortStatus: maybe(z.looseObject({ Ports: servicePorts })),
  }),
  DesiredState: z.string(),
  AssignedGenericResources: genericResources,
  JobIteration: maybe(z.looseObject({ Index: maybe(z.number()) })),
  NetworksAttachments: list(
    z.looseObject({
      Network: maybe(z.looseObject({ ID: z.string(), Spec: maybe(z.looseObject({ Name: maybe(z.string()) })) })),
      Addresses: list(z.string()),
    }),
  ),
})

export const tasks: z.ZodMiniType<Task[]> = list(task)
