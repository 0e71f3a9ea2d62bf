import * as z from 'zod/mini'

import { descriptor, type Descriptor } from './descriptor.ts'
import { endpoints, type EndpointSettings } from './endpoint.ts'
import { mountPoint, type MountPoint } from './mounts.ts'
import { int64, list, maybe, stringMap, type Int64 } from './shape.ts'

/** A port of a container in a list. */
export interface Port {
  /** Absent when it is not published. */
  IP?: string | undefined
  PrivatePort: number
  PublicPort?: number | undefined
  /** `tcp`, `udp`, `sctp` */
  Type: string
}

/** A row of `GET /containers/json`. `Image` is a bare id once its tag moved: inspect to learn the reference. */
export interface ContainerSummary {
  Id: string
  /** With a leading slash; may hold link aliases such as `/other/alias`. */
  Names: string[]
  Image: string
  ImageID: string
  Command: string
  /** Seconds since the epoch. */
  Created: number
  Ports: Port[]
  /** Bytes; only when asked for. */
  SizeRw?: Int64 | undefined
  SizeRootFs?: Int64 | undefined
  Labels: Record<string, string>
  State: string
  /** For people: `Up 2 hours (healthy)`. */
  Status: string
  HostConfig?: { NetworkMode?: string | undefined; Annotations: Record<string, string> } | undefined
  NetworkSettings?: { Networks: Record<string, EndpointSettings> } | undefined
  Mounts: MountPoint[]
  /** `starting`, `healthy`, `unhealthy`. Needs API 1.52; podman 6 has it too. */
  Health?: { Status: string; FailingStreak: number } | undefined
  /** Manifest of the image for this platform. Needs API 1.48 and the containerd image store. */
  ImageManifestDescriptor?: Descriptor | undefined
}

const containerSummary: z.ZodMiniType<ContainerSummary> = z.looseObject({
  Id: z.string(),
  Names: list(z.string()),
  Image: z.string(),
  ImageID: z.string(),
  Command: z.string(),
  Created: z.number(),
  Ports: list(
    z.looseObject({ IP: maybe(z.string()), PrivatePort: z.number(), PublicPort: maybe(z.number()), Type: z.string() }),
  ),
  SizeRw: maybe(int64),
  SizeRootFs: maybe(int64),
  Labels: stringMap,
  State: z.string(),
  Status: z.string(),
  HostConfig: maybe(z.looseObject({ NetworkMode: maybe(z.string()), Annotations: stringMap })),
  NetworkSettings: maybe(z.looseObject({ Networks: endpoints })),
  Mounts: list(mountPoint),
  Health: maybe(z.looseObject({ Status: z.string(), FailingStreak: z.number() })),
  ImageManifestDescriptor: maybe(descriptor),
})

export const containerSummaries: z.ZodMiniType<ContainerSummary[]> = list(containerSummary)

/** `POST /containers/create` */
export interface ContainerCreateResponse {
  Id: string
  Warnings: string[]
}

export const containerCreateResponse: z.ZodMiniType<ContainerCreateResponse> = z.looseObject({
  Id: z.string(),
  Warnings: list(z.string()),
})

/** `POST /containers/{id}/update` */
export interface ContainerUpdateResponse {
  Warnings: string[]
}

export const containerUpdateResponse: z.ZodMiniType<ContainerUpdateResponse> = z.looseObject({
  Warnings: list(z.string()),
})

/** `POST /containers/{id}/wait` */
export interface ContainerWaitResponse {
  StatusCode: number
  Error?: { Message: string } | undefined
}

export const containerWaitResponse: z.ZodMiniType<ContainerWaitResponse> = z.looseObject({
  StatusCode: z.number(),
  Error: maybe(z.looseObject({ Message: z.string() })),
})

/** `GET /containers/{id}/top`: what `ps` printed, a row a process. */
export interface ContainerTop {
  Titles: string[]
  Processes: string[][]
}

export const containerTop: z.ZodMiniType<ContainerTop> = z.looseObject({
  Titles: list(z.string()),
  Processes: list(list(z.string())),
})

/** A row of `GET /containers/{id}/changes`. */
export interface ContainerChange {
  Path: string
  /** 0 modified, 1 added, 2 deleted. */
  Kind: number
}

export const containerChanges: z.ZodMiniType<ContainerChange[]> = list(
  z.looseObject({ Path: z.string(), Kind: z.number() }),
)

/** `POST /containers/prune` */
export interface ContainerPruneResponse {
  ContainersDeleted: string[]
  /** Bytes. */
  SpaceReclaimed: Int64
}

export const containerPruneResponse: z.ZodMiniType<ContainerPruneResponse> = z.looseObject({
  ContainersDeleted: list(z.string()),
  SpaceReclaimed: int64,
})
