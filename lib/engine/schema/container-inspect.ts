import * as z from 'zod/mini'

import { descriptor, type Descriptor } from './descriptor.ts'
import { containerConfig, type ContainerConfig } from './container-config.ts'
import { endpoints, type EndpointSettings } from './endpoint.ts'
import { hostConfig, isBindings, type HostConfig, type PortBinding } from './host-config.ts'
import { mountPoint, type MountPoint } from './mounts.ts'
import { int64, list, map, maybe, stringMap, type Int64 } from './shape.ts'

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
  OOMKilled?: boolean | undefined
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

/** `GET /containers/{id}/json`. Nil lists and maps are empty here; `inspectRaw` has them as they came. */
export interface ContainerInspect {
  Id: string
  Created: string
  /** The program that runs, and its arguments. */
  Path: string
  Args: string[]
  /** With a leading slash. */
  Name: string
  /** Id of the image, whatever its tags say now. */
  Image: string
  RestartCount: number
  Driver?: string | undefined
  /** Operating system. */
  Platform: string
  MountLabel?: string | undefined
  ProcessLabel?: string | undefined
  AppArmorProfile?: string | undefined
  ExecIDs: string[]
  ResolvConfPath?: string | undefined
  HostnamePath?: string | undefined
  HostsPath?: string | undefined
  LogPath?: string | undefined
  /** Bytes written on top of the image; only when asked for. */
  SizeRw?: Int64 | undefined
  /** Bytes in all; only when asked for. */
  SizeRootFs?: Int64 | undefined
  State: ContainerState
  Config: ContainerConfig
  HostConfig: HostConfig
  Mounts: MountPoint[]
  /** Absent with the containerd image store from API 1.52 on. */
  GraphDriver?: { Name: string; Data: Record<string, string> } | undefined
  /** Manifest of the image for this platform. Needs API 1.48 and the containerd image store. */
  ImageManifestDescriptor?: Descriptor | undefined
  NetworkSettings: {
    SandboxID?: string | undefined
    SandboxKey?: string | undefined
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
  OOMKilled: maybe(z.boolean()),
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
  Path: z.string(),
  Args: list(z.string()),
  Name: z.string(),
  Image: z.string(),
  RestartCount: z.number(),
  Driver: maybe(z.string()),
  Platform: z.string(),
  MountLabel: maybe(z.string()),
  ProcessLabel: maybe(z.string()),
  AppArmorProfile: maybe(z.string()),
  ExecIDs: list(z.string()),
  ResolvConfPath: maybe(z.string()),
  HostnamePath: maybe(z.string()),
  HostsPath: maybe(z.string()),
  LogPath: maybe(z.string()),
  SizeRw: maybe(int64),
  SizeRootFs: maybe(int64),
  State: state,
  Config: containerConfig,
  HostConfig: hostConfig,
  Mounts: list(mountPoint),
  GraphDriver: maybe(z.looseObject({ Name: z.string(), Data: stringMap })),
  ImageManifestDescriptor: maybe(descriptor),
  NetworkSettings: z.looseObject({
    SandboxID: maybe(z.string()),
    SandboxKey: maybe(z.string()),
    Networks: endpoints,
    Ports: map<PortBinding[] | null>(isBindings),
  }),
})
