import * as z from 'zod/mini'

import { healthcheckConfig, type HealthcheckConfig } from './container-config.ts'
import { mount, type Mount } from './mounts.ts'
import { int64, list, maybe, stringMap, type Int64 } from './shape.ts'
import { taskResources, type TaskResources } from './swarm-object.ts'

/** A secret or config as a file of a task. */
export interface FileReference {
  File?: { Name: string; UID: string; GID: string; Mode: number } | undefined
  SecretID?: string | undefined
  SecretName?: string | undefined
  ConfigID?: string | undefined
  ConfigName?: string | undefined
}

/** The container of a service's tasks. */
export interface TaskContainerSpec {
  Image: string
  Labels: Record<string, string>
  Command: string[]
  Args: string[]
  Hostname?: string | undefined
  Env: string[]
  Dir?: string | undefined
  User?: string | undefined
  Groups: string[]
  TTY?: boolean | undefined
  OpenStdin?: boolean | undefined
  ReadOnly?: boolean | undefined
  Mounts: Mount[]
  StopSignal?: string | undefined
  /** Nanoseconds. */
  StopGracePeriod?: Int64 | undefined
  HealthCheck?: HealthcheckConfig | undefined
  /** `address name`. */
  Hosts: string[]
  DNSConfig?: { Nameservers: string[]; Search: string[]; Options: string[] } | undefined
  Secrets: FileReference[]
  Configs: FileReference[]
  Isolation?: string | undefined
  Init?: boolean | undefined
  Sysctls: Record<string, string>
  CapabilityAdd: string[]
  CapabilityDrop: string[]
}

const fileReference: z.ZodMiniType<FileReference> = z.looseObject({
  File: maybe(z.looseObject({ Name: z.string(), UID: z.string(), GID: z.string(), Mode: z.number() })),
  SecretID: maybe(z.string()),
  SecretName: maybe(z.string()),
  ConfigID: maybe(z.string()),
  ConfigName: maybe(z.string()),
})

const containerSpec: z.ZodMiniType<TaskContainerSpec> = z.looseObject({
  Image: z.string(),
  Labels: stringMap,
  Command: list(z.string()),
  Args: list(z.string()),
  Hostname: maybe(z.string()),
  Env: list(z.string()),
  Dir: maybe(z.string()),
  User: maybe(z.string()),
  Groups: list(z.string()),
  TTY: maybe(z.boolean()),
  OpenStdin: maybe(z.boolean()),
  ReadOnly: maybe(z.boolean()),
  Mounts: list(mount),
  StopSignal: maybe(z.string()),
  StopGracePeriod: maybe(int64),
  HealthCheck: maybe(healthcheckConfig),
  Hosts: list(z.string()),
  DNSConfig: maybe(
    z.looseObject({ Nameservers: list(z.string()), Search: list(z.string()), Options: list(z.string()) }),
  ),
  Secrets: list(fileReference),
  Configs: list(fileReference),
  Isolation: maybe(z.string()),
  Init: maybe(z.boolean()),
  Sysctls: stringMap,
  CapabilityAdd: list(z.string()),
  CapabilityDrop: list(z.string()),
})

/** What a task runs, and where. */
export interface TaskSpec {
  ContainerSpec?: TaskContainerSpec | undefined
  Resources?: { Limits?: TaskResources | undefined; Reservations?: TaskResources | undefined } | undefined
  /** Times in nanoseconds. */
  RestartPolicy?:
    | {
        Condition?: string | undefined
        Delay?: Int64 | undefined
        MaxAttempts?: number | undefined
        Window?: Int64 | undefined
      }
    | undefined
  Placement?:
    | {
        /** `node.role==worker` */
        Constraints: string[]
        MaxReplicas?: number | undefined
      }
    | undefined
  Networks: { Target?: string | undefined; Aliases: string[] }[]
  LogDriver?: { Name?: string | undefined; Options: Record<string, string> } | undefined
  /** Raise it to have all tasks replaced. */
  ForceUpdate?: number | undefined
  Runtime?: string | undefined
}

export const taskSpec: z.ZodMiniType<TaskSpec> = z.looseObject({
  ContainerSpec: maybe(containerSpec),
  Resources: maybe(z.looseObject({ Limits: maybe(taskResources), Reservations: maybe(taskResources) })),
  RestartPolicy: maybe(
    z.looseObject({
      Condition: maybe(z.string()),
      Delay: maybe(int64),
      MaxAttempts: maybe(z.number()),
      Window: maybe(int64),
    }),
  ),
  Placement: maybe(z.looseObject({ Constraints: list(z.string()), MaxReplicas: maybe(z.number()) })),
  Networks: list(z.looseObject({ Target: maybe(z.string()), Aliases: list(z.string()) })),
  LogDriver: maybe(z.looseObject({ Name: maybe(z.string()), Options: stringMap })),
  ForceUpdate: maybe(z.number()),
  Runtime: maybe(z.string()),
})
