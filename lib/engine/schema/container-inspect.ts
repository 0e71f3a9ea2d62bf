import * as z from 'zod/mini'

import { int64, list, map, maybe, objectMap, stringMap, type Int64 } from './shape.ts'

/** State of a container. Open: engines add their own (`stopped` and `stopping` on podman). */
export type ContainerStatus =
  | 'created'
  | 'running'
  | 'paused'
  | 'restarting'
  | 'removing'
  | 'exited'
  | 'dead'
  | (string & {})

export interface ContainerState {
  Status: ContainerStatus
  Running: boolean
  Paused: boolean
  Restarting: boolean
  Dead: boolean
  Pid: number
  ExitCode: number
  Error: string
  /** RFC 3339; `0001-01-01T00:00:00Z` for never. */
  StartedAt: string
  FinishedAt: string
  Health?: ContainerHealth | undefined
}

export interface ContainerHealth {
  Status: 'none' | 'starting' | 'healthy' | 'unhealthy' | (string & {})
  FailingStreak: number
  Log: { Start: string; End: string; ExitCode: number; Output: string }[]
}

export interface Mount {
  Type: string
  /** Volume name; empty for a bind. */
  Name?: string | undefined
  Source: string
  Destination: string
  RW: boolean
}

export interface PortBinding {
  HostIp: string
  HostPort: string
}

export interface RestartPolicy {
  /** `""` means `no`. */
  Name: '' | 'no' | 'always' | 'unless-stopped' | 'on-failure' | (string & {})
  MaximumRetryCount?: number | undefined
}

/** `Healthcheck` of a container or an image. Times in nanoseconds. */
export interface HealthcheckConfig {
  Test: string[]
  Interval?: number | undefined
  Timeout?: number | undefined
  StartPeriod?: number | undefined
  StartInterval?: number | undefined
  Retries?: number | undefined
}

export const healthcheckConfig: z.ZodMiniType<HealthcheckConfig> = z.looseObject({
  Test: list(z.string()),
  Interval: maybe(z.number()),
  Timeout: maybe(z.number()),
  StartPeriod: maybe(z.number()),
  StartInterval: maybe(z.number()),
  Retries: maybe(z.number()),
})

export interface ContainerConfig {
  Hostname: string
  /** The reference the container was created from, as it was written then. */
  Image: string
  Env: string[]
  Cmd: string[]
  Entrypoint: string[]
  Labels: Record<string, string>
  Tty: boolean
  Healthcheck?: HealthcheckConfig | undefined
  StopSignal?: string | undefined
  /** Seconds. */
  StopTimeout?: number | undefined
}

export interface HostConfig {
  NetworkMode: string
  RestartPolicy: RestartPolicy
  AutoRemove: boolean
  Binds: string[]
  VolumesFrom: string[]
  /** `/child:/parent/alias` */
  Links: string[]
  IpcMode: string
  PidMode: string
  PortBindings: Record<string, PortBinding[] | null>
  /** Bytes. */
  Memory: Int64
  NanoCpus: Int64
  Privileged: boolean
}

export interface EndpointSettings {
  NetworkID: string
  IPAddress: string
  MacAddress: string
  Gateway: string
  Aliases?: string[] | null | undefined
}

/** `GET /containers/{id}/json`. Nil lists and maps are empty here; `inspectRaw` has them as they came. */
export interface ContainerInspect {
  Id: string
  Created: string
  /** With a leading slash. */
  Name: string
  /** Id of the image, whatever its tags say now. */
  Image: string
  RestartCount: number
  Platform: string
  State: ContainerState
  Config: ContainerConfig
  HostConfig: HostConfig
  Mounts: Mount[]
  NetworkSettings: {
    Networks: Record<string, EndpointSettings>
    Ports: Record<string, PortBinding[] | null>
  }
}

const health: z.ZodMiniType<ContainerHealth> = z.looseObject({
  Status: z.string(),
  FailingStreak: z.number(),
  Log: list(z.looseObject({ Start: z.string(), End: z.string(), ExitCode: z.number(), Output: z.string() })),
})

const state: z.ZodMiniType<ContainerState> = z.looseObject({
  Status: z.string(),
  Running: z.boolean(),
  Paused: z.boolean(),
  Restarting: z.boolean(),
  Dead: z.boolean(),
  Pid: z.number(),
  ExitCode: z.number(),
  Error: z.string(),
  StartedAt: z.string(),
  FinishedAt: z.string(),
  Health: maybe(health),
})

export const containerInspect: z.ZodMiniType<ContainerInspect> = z.looseObject({
  Id: z.string(),
  Created: z.string(),
  Name: z.string(),
  Image: z.string(),
  RestartCount: z.number(),
  Platform: z.string(),
  State: state,
  Config: z.looseObject({
    Hostname: z.string(),
    Image: z.string(),
    Env: list(z.string()),
    Cmd: list(z.string()),
    Entrypoint: list(z.string()),
    Labels: stringMap,
    Tty: z.boolean(),
    Healthcheck: maybe(healthcheckConfig),
    StopSignal: maybe(z.string()),
    StopTimeout: maybe(z.number()),
  }),
  HostConfig: z.looseObject({
    NetworkMode: z.string(),
    RestartPolicy: z.looseObject({ Name: z.string(), MaximumRetryCount: maybe(z.number()) }),
    AutoRemove: z.boolean(),
    Binds: list(z.string()),
    VolumesFrom: list(z.string()),
    Links: list(z.string()),
    IpcMode: z.string(),
    PidMode: z.string(),
    PortBindings: map<PortBinding[] | null>(isBindings),
    Memory: int64,
    NanoCpus: int64,
    Privileged: z.boolean(),
  }),
  Mounts: list(
    z.looseObject({
      Type: z.string(),
      Name: maybe(z.string()),
      Source: z.string(),
      Destination: z.string(),
      RW: z.boolean(),
    }),
  ),
  NetworkSettings: z.looseObject({
    Networks: objectMap<EndpointSettings>(),
    Ports: map<PortBinding[] | null>(isBindings),
  }),
})

function isBindings(value: unknown): boolean {
  return value === null || Array.isArray(value)
}
