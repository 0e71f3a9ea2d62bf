import * as z from 'zod/mini'

import { healthcheckConfig, type HealthcheckConfig } from './container-config.ts'
import { mount, type Mount } from './mounts.ts'
import { pluginPrivileges, type PluginPrivilege } from './plugins.ts'
import type { Ulimit } from './resources.ts'
import { int64, jsonObject, list, maybe, stringMap, type Int64 } from './shape.ts'
import { taskPrivileges, type TaskPrivileges } from './task-privileges.ts'
import { taskResources, type TaskResources } from './swarm-object.ts'

/** A secret or config as a file of a task. */
export interface FileReference {
  File?: { Name: string; UID: string; GID: string; Mode: number } | undefined
  SecretID?: string | undefined
  SecretName?: string | undefined
  ConfigID?: string | undefined
  ConfigName?: string | undefined
  /** Present, and `File` absent, where the container's runtime reads the config itself, as `CredentialSpec` does. */
  Runtime?: object | undefined
}

/** Where the tasks of a service log to. */
export interface LogDriver {
  Name?: string | undefined
  Options: Record<string, string>
}

export const logDriver: z.ZodMiniType<LogDriver> = z.looseObject({ Name: maybe(z.string()), Options: stringMap })

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
  Privileges?: TaskPrivileges | undefined
  /** Needs API 1.41. */
  Ulimits: Ulimit[]
  /** -1000 to 1000. Needs API 1.46. */
  OomScoreAdj?: number | undefined
}

const fileReference: z.ZodMiniType<FileReference> = z.looseObject({
  File: maybe(z.looseObject({ Name: z.string(), UID: z.string(), GID: z.string(), Mode: z.number() })),
  SecretID: maybe(z.string()),
  SecretName: maybe(z.string()),
  ConfigID: maybe(z.string()),
  ConfigName: maybe(z.string()),
  Runtime: maybe(jsonObject),
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
  Privileges: maybe(taskPrivileges),
  Ulimits: list<Ulimit>(z.looseObject({ Name: z.string(), Soft: int64, Hard: int64 })),
  OomScoreAdj: maybe(z.number()),
})

/** A network that tasks join. */
export interface TaskNetwork {
  /** Name or id. */
  Target?: string | undefined
  Aliases: string[]
  DriverOpts: Record<string, string>
}

export const taskNetworks: z.ZodMiniType<TaskNetwork[]> = list(
  z.looseObject({ Target: maybe(z.string()), Aliases: list(z.string()), DriverOpts: stringMap }),
)

/** A plugin as what a service runs (`Runtime` `plugin`). */
export interface TaskPluginSpec {
  Name?: string | undefined
  Remote?: string | undefined
  Disabled?: boolean | undefined
  PluginPrivilege: PluginPrivilege[]
}

/** What a task runs, and where: one of container, plugin and network attachment. */
export interface TaskSpec {
  ContainerSpec?: TaskContainerSpec | undefined
  PluginSpec?: TaskPluginSpec | undefined
  /** Made by the swarm for a container of its own that joins an attachable network. */
  NetworkAttachmentSpec?: { ContainerID?: string | undefined } | undefined
  Resources?:
    | {
        Limits?: TaskResources | undefined
        Reservations?: TaskResources | undefined
        /** Bytes of swap beside the memory limit; -1 is no limit. Needs API 1.52. */
        SwapBytes?: Int64 | undefined
        /** 0 to 100, -1 the node's own. Needs API 1.52. */
        MemorySwappiness?: Int64 | undefined
      }
    | undefined
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
        /** `{ Spread: { SpreadDescriptor: 'node.labels.rack' } }` */
        Preferences: { Spread?: { SpreadDescriptor?: string | undefined } | undefined }[]
        MaxReplicas?: number | undefined
        /** Filled by the engine from the image. */
        Platforms: { Architecture?: string | undefined; OS?: string | undefined }[]
      }
    | undefined
  Networks: TaskNetwork[]
  LogDriver?: LogDriver | undefined
  /** Raise it to have all tasks replaced. */
  ForceUpdate?: number | undefined
  Runtime?: string | undefined
}

export const taskSpec: z.ZodMiniType<TaskSpec> = z.looseObject({
  ContainerSpec: maybe(containerSpec),
  PluginSpec: maybe(
    z.looseObject({
      Name: maybe(z.string()),
      Remote: maybe(z.string()),
      Disabled: maybe(z.boolean()),
      PluginPrivilege: pluginPrivileges,
    }),
  ),
  NetworkAttachmentSpec: maybe(z.looseObject({ ContainerID: maybe(z.string()) })),
  Resources: maybe(
    z.looseObject({
      Limits: maybe(taskResources),
      Reservations: maybe(taskResources),
      SwapBytes: maybe(int64),
      MemorySwappiness: maybe(int64),
    }),
  ),
  RestartPolicy: maybe(
    z.looseObject({
      Condition: maybe(z.string()),
      Delay: maybe(int64),
      MaxAttempts: maybe(z.number()),
      Window: maybe(int64),
    }),
  ),
  Placement: maybe(
    z.looseObject({
      Constraints: list(z.string()),
      Preferences: list(z.looseObject({ Spread: maybe(z.looseObject({ SpreadDescriptor: maybe(z.string()) })) })),
      MaxReplicas: maybe(z.number()),
      Platforms: list(z.looseObject({ Architecture: maybe(z.string()), OS: maybe(z.string()) })),
    }),
  ),
  Networks: taskNetworks,
  LogDriver: maybe(logDriver),
  ForceUpdate: maybe(z.number()),
  Runtime: maybe(z.string()),
})
