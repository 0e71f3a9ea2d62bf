import * as z from 'zod/mini'

import { list, maybe } from './shape.ts'

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
  Components: { Name: string; Version: string }[]
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
  Components: list(z.looseObject({ Name: z.string(), Version: z.string() })),
})

/** `GET /info`, the part that is the same on every engine. */
export interface SystemInfo {
  /** Empty on podman. */
  ID: string
  Name: string
  ServerVersion: string
  /** Storage driver, for instance `overlay2`. */
  Driver: string
  /** `[["driver-type", "io.containerd.snapshotter.v1"]]` tells the containerd image store. */
  DriverStatus: [string, string][]
  OSType: string
  Architecture: string
  OperatingSystem: string
  Containers: number
  Images: number
  NCPU: number
  MemTotal: number
  LiveRestoreEnabled?: boolean | undefined
  /** The engine's own clock, RFC 3339. */
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
  OSType: z.string(),
  Architecture: z.string(),
  OperatingSystem: z.string(),
  Containers: z.number(),
  Images: z.number(),
  NCPU: z.number(),
  MemTotal: z.number(),
  LiveRestoreEnabled: maybe(z.boolean()),
  SystemTime: maybe(z.string()),
  SecurityOptions: list(z.string()),
  Warnings: list(z.string()),
})
