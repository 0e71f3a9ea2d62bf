import * as z from 'zod/mini'

import { list, map, maybe, stringMap } from './shape.ts'

/** What `_ping` tells in its headers. */
export interface PingResult {
  /** Newest API version of the engine; absent before API 1.24 and behind some proxies. */
  apiVersion: string | undefined
  osType: string | undefined
  builderVersion: string | undefined
  swarm: string | undefined
}

/** `GET /version` */
export interface SystemVersion {
  Version: string
  ApiVersion: string
  MinAPIVersion?: string | undefined
  Os: string
  Arch: string
  KernelVersion?: string | undefined
  GoVersion?: string | undefined
  GitCommit?: string | undefined
  BuildTime?: string | undefined
  Platform?: { Name: string } | undefined
  Components: { Name: string; Version: string; Details: Record<string, string> }[]
}

export const systemVersion: z.ZodMiniType<SystemVersion> = z.looseObject({
  Version: z.string(),
  ApiVersion: z.string(),
  MinAPIVersion: maybe(z.string()),
  Os: z.string(),
  Arch: z.string(),
  KernelVersion: maybe(z.string()),
  GoVersion: maybe(z.string()),
  GitCommit: maybe(z.string()),
  BuildTime: maybe(z.string()),
  Platform: maybe(z.looseObject({ Name: z.string() })),
  Components: list(z.looseObject({ Name: z.string(), Version: z.string(), Details: stringMap })),
})

export interface RegistryServiceConfig {
  InsecureRegistryCIDRs: string[]
  IndexConfigs: Record<string, { Name: string; Mirrors: string[]; Secure: boolean; Official: boolean }>
  Mirrors: string[]
}

/** `GET /info`, what most engines have in common. */
export interface SystemInfo {
  /** Empty on podman. */
  ID: string
  Name: string
  ServerVersion: string
  /** Storage driver, for instance `overlay2`. */
  Driver: string
  /** `[["driver-type", "io.containerd.snapshotter.v1"]]` tells the containerd image store. */
  DriverStatus: [string, string][]
  DockerRootDir?: string | undefined
  OSType: string
  Architecture: string
  OperatingSystem: string
  OSVersion?: string | undefined
  KernelVersion?: string | undefined
  Containers: number
  ContainersRunning: number
  ContainersPaused: number
  ContainersStopped: number
  Images: number
  NCPU: number
  /** Bytes. */
  MemTotal: number
  Plugins: Record<string, string[] | null>
  CgroupDriver?: string | undefined
  CgroupVersion?: string | undefined
  DefaultRuntime?: string | undefined
  Runtimes: Record<string, object>
  Swarm?: { NodeID: string; LocalNodeState: string; ControlAvailable: boolean; Error: string } | undefined
  RegistryConfig?: RegistryServiceConfig | undefined
  HttpProxy?: string | undefined
  HttpsProxy?: string | undefined
  NoProxy?: string | undefined
  Labels: string[]
  ExperimentalBuild?: boolean | undefined
  LiveRestoreEnabled?: boolean | undefined
  InitBinary?: string | undefined
  /** RFC 3339, the engine's own clock. */
  SystemTime?: string | undefined
  SecurityOptions: string[]
  Warnings: string[]
}

export const systemInfo: z.ZodMiniType<SystemInfo> = z.looseObject({
  ID: z.string(),
  Name: z.string(),
  ServerVersion: z.string(),
  Driver: z.string(),
  DriverStatus: list(z.tuple([z.string(), z.string()])),
  DockerRootDir: maybe(z.string()),
  OSType: z.string(),
  Architecture: z.string(),
  OperatingSystem: z.string(),
  OSVersion: maybe(z.string()),
  KernelVersion: maybe(z.string()),
  Containers: z.number(),
  ContainersRunning: z.number(),
  ContainersPaused: z.number(),
  ContainersStopped: z.number(),
  Images: z.number(),
  NCPU: z.number(),
  MemTotal: z.number(),
  Plugins: map<string[] | null>((value) => value === null || Array.isArray(value)),
  CgroupDriver: maybe(z.string()),
  CgroupVersion: maybe(z.string()),
  DefaultRuntime: maybe(z.string()),
  Runtimes: map<object>((value) => typeof value === 'object'),
  Swarm: maybe(
    z.looseObject({
      NodeID: z.string(),
      LocalNodeState: z.string(),
      ControlAvailable: z.boolean(),
      Error: z.string(),
    }),
  ),
  RegistryConfig: maybe(
    z.looseObject({
      InsecureRegistryCIDRs: list(z.string()),
      IndexConfigs: map<RegistryServiceConfig['IndexConfigs'][string]>((value) => typeof value === 'object'),
      Mirrors: list(z.string()),
    }),
  ),
  HttpProxy: maybe(z.string()),
  HttpsProxy: maybe(z.string()),
  NoProxy: maybe(z.string()),
  Labels: list(z.string()),
  ExperimentalBuild: maybe(z.boolean()),
  LiveRestoreEnabled: maybe(z.boolean()),
  InitBinary: maybe(z.string()),
  SystemTime: maybe(z.string()),
  SecurityOptions: list(z.string()),
  Warnings: list(z.string()),
})

/** `POST /auth` */
export interface AuthResponse {
  Status: string
  /** To be used in place of the password, where a registry hands one out. */
  IdentityToken?: string | undefined
}

export const authResponse: z.ZodMiniType<AuthResponse> = z.looseObject({
  Status: z.string(),
  IdentityToken: maybe(z.string()),
})
