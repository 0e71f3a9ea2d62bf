import * as z from 'zod/mini'

import { int64, list, maybe, stringMap, type Int64 } from './shape.ts'
import { swarmObjectShape, type SwarmObject } from './swarm-object.ts'
import { taskNetworks, taskSpec, type TaskNetwork, type TaskSpec } from './task-spec.ts'

/** How tasks are replaced. Times in nanoseconds. */
export interface UpdateConfig {
  /** 0 means all at once. */
  Parallelism?: number | undefined
  Delay?: Int64 | undefined
  FailureAction?: string | undefined
  Monitor?: Int64 | undefined
  MaxFailureRatio?: number | undefined
  Order?: 'stop-first' | 'start-first' | (string & {}) | undefined
}

export interface ServicePort {
  Name?: string | undefined
  Protocol?: string | undefined
  TargetPort?: number | undefined
  PublishedPort?: number | undefined
  PublishMode?: 'ingress' | 'host' | (string & {}) | undefined
}

/** How many tasks: one of the four. */
export interface ServiceMode {
  Replicated?: { Replicas?: number | undefined } | undefined
  Global?: object | undefined
  ReplicatedJob?: { MaxConcurrent?: number | undefined; TotalCompletions?: number | undefined } | undefined
  GlobalJob?: object | undefined
}

/** How a service is reached. */
export interface ServiceEndpointSpec {
  /** `vip` (default) or `dnsrr`. */
  Mode?: string | undefined
  Ports: ServicePort[]
}

export interface ServiceSpec {
  Name: string
  Labels: Record<string, string>
  TaskTemplate: TaskSpec
  Mode?: ServiceMode | undefined
  UpdateConfig?: UpdateConfig | undefined
  RollbackConfig?: UpdateConfig | undefined
  EndpointSpec?: ServiceEndpointSpec | undefined
  /** Gone with API 1.44, where `TaskTemplate.Networks` is the place. */
  Networks: TaskNetwork[]
}

/** `GET /services`, `GET /services/{id}` */
export interface Service extends SwarmObject {
  Spec: ServiceSpec
  /** What a rollback goes back to. */
  PreviousSpec?: ServiceSpec | undefined
  Endpoint?:
    | {
        Spec?: ServiceEndpointSpec | undefined
        Ports: ServicePort[]
        VirtualIPs: { NetworkID?: string | undefined; Addr?: string | undefined }[]
      }
    | undefined
  /** Times in RFC 3339. */
  UpdateStatus?:
    | {
        State?: string | undefined
        Message?: string | undefined
        StartedAt?: string | undefined
        CompletedAt?: string | undefined
      }
    | undefined
  /** In a list with `status` only. */
  ServiceStatus?: { RunningTasks: number; DesiredTasks: number; CompletedTasks?: number | undefined } | undefined
  /** Of a job: its round, and when that began. Needs API 1.41. */
  JobStatus?:
    | { JobIteration?: { Index?: number | undefined } | undefined; LastExecution?: string | undefined }
    | undefined
}

const updateConfig: z.ZodMiniType<UpdateConfig | undefined> = maybe(
  z.looseObject({
    Parallelism: maybe(z.number()),
    Delay: maybe(int64),
    FailureAction: maybe(z.string()),
    Monitor: maybe(int64),
    MaxFailureRatio: maybe(z.number()),
    Order: maybe(z.string()),
  }),
)

export const servicePorts: z.ZodMiniType<ServicePort[]> = list(
  z.looseObject({
    Name: maybe(z.string()),
    Protocol: maybe(z.string()),
    TargetPort: maybe(z.number()),
    PublishedPort: maybe(z.number()),
    PublishMode: maybe(z.string()),
  }),
)

const endpointSpec: z.ZodMiniType<ServiceEndpointSpec> = z.looseObject({ Mode: maybe(z.string()), Ports: servicePorts })

const serviceSpec: z.ZodMiniType<ServiceSpec> = z.looseObject({
  Name: z.string(),
  Labels: stringMap,
  TaskTemplate: taskSpec,
  Mode: maybe(
    z.looseObject({
      Replicated: maybe(z.looseObject({ Replicas: maybe(z.number()) })),
      Global: maybe(z.looseObject({})),
      ReplicatedJob: maybe(z.looseObject({ MaxConcurrent: maybe(z.number()), TotalCompletions: maybe(z.number()) })),
      GlobalJob: maybe(z.looseObject({})),
    }),
  ),
  UpdateConfig: updateConfig,
  RollbackConfig: updateConfig,
  EndpointSpec: maybe(endpointSpec),
  Networks: taskNetworks,
})

export const service: z.ZodMiniType<Service> = z.looseObject({
  ...swarmObjectShape,
  Spec: serviceSpec,
  PreviousSpec: maybe(serviceSpec),
  Endpoint: maybe(
    z.looseObject({
      Spec: maybe(endpointSpec),
      Ports: servicePorts,
      VirtualIPs: list(z.looseObject({ NetworkID: maybe(z.string()), Addr: maybe(z.string()) })),
    }),
  ),
  UpdateStatus: maybe(
    z.looseObject({
      State: maybe(z.string()),
      Message: maybe(z.string()),
      StartedAt: maybe(z.string()),
      CompletedAt: maybe(z.string()),
    }),
  ),
  ServiceStatus: maybe(
    z.looseObject({ RunningTasks: z.number(), DesiredTasks: z.number(), CompletedTasks: maybe(z.number()) }),
  ),
  JobStatus: maybe(
    z.looseObject({
      JobIteration: maybe(z.looseObject({ Index: maybe(z.number()) })),
      LastExecution: maybe(z.string()),
    }),
  ),
})

export const services: z.ZodMiniType<Service[]> = list(service)

/** `POST /services/create` */
export interface ServiceCreateResponse {
  ID: string
  Warnings: string[]
}

export const serviceCreateResponse: z.ZodMiniType<ServiceCreateResponse> = z.pipe(
  z.looseObject({ ID: z.string(), Warning: maybe(z.string()), Warnings: list(z.string()) }),
  // Below API 1.44 there is one `Warning`.
  z.transform(({ Warning, Warnings, ...rest }) => ({
    ...rest,
    Warnings: Warning === undefined || Warning === '' ? Warnings : [...Warnings, Warning],
  })),
)

/** `POST /services/{id}/update` */
export interface ServiceUpdateResponse {
  Warnings: string[]
}

export const serviceUpdateResponse: z.ZodMiniType<ServiceUpdateResponse> = z.looseObject({ Warnings: list(z.string()) })
