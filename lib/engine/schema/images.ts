import * as z from 'zod/mini'

import type { ProgressMessage } from '../../stream/progress.ts'
import { healthcheckConfig, type HealthcheckConfig } from './container-config.ts'
import { descriptor, type Descriptor } from './descriptor.ts'
import { imageIdentity, imageManifests, type ImageIdentity, type ImageManifest } from './image-manifests.ts'
import { list, maybe, objectMap, stringMap } from './shape.ts'

/** A row of `GET /images/json`. */
export interface ImageSummary {
  Id: string
  ParentId?: string | undefined
  RepoTags: string[]
  RepoDigests: string[]
  /** Seconds since the epoch. */
  Created: number
  /** Bytes. */
  Size: number
  /** Bytes shared with other images; -1 unless asked for. */
  SharedSize?: number | undefined
  Labels: Record<string, string>
  /** Number of containers; -1 for unknown. */
  Containers?: number | undefined
  /** Of the index or manifest. Needs API 1.48 and the containerd image store. */
  Descriptor?: Descriptor | undefined
  /** By platform, when asked for. Needs API 1.47 and the containerd image store. */
  Manifests?: ImageManifest[] | undefined
}

export const imageSummaries: z.ZodMiniType<ImageSummary[]> = list(
  z.looseObject({
    Id: z.string(),
    ParentId: maybe(z.string()),
    RepoTags: list(z.string()),
    RepoDigests: list(z.string()),
    Created: z.number(),
    Size: z.number(),
    SharedSize: maybe(z.number()),
    Labels: stringMap,
    Containers: maybe(z.number()),
    Descriptor: maybe(descriptor),
    Manifests: maybe(imageManifests),
  }),
)

export interface ImageConfig {
  User?: string | undefined
  Env: string[]
  Cmd: string[]
  Entrypoint: string[]
  WorkingDir?: string | undefined
  Labels: Record<string, string>
  ExposedPorts: Record<string, object>
  Volumes: Record<string, object>
  OnBuild: string[]
  StopSignal?: string | undefined
  Healthcheck?: HealthcheckConfig | undefined
  Shell: string[]
}

/**
 * `GET /images/{name}/json`. The id is the config digest, or with the containerd store the manifest digest.
 *
 * `Os` is empty where the content of the asked platform is not on this engine (containerd store, dockerd 29): then size,
 * config and layers are empty too.
 */
export interface ImageInspect {
  Id: string
  RepoTags: string[]
  RepoDigests: string[]
  Parent?: string | undefined
  Comment?: string | undefined
  Author?: string | undefined
  Architecture: string
  Os: string
  Variant?: string | undefined
  OsVersion?: string | undefined
  /** Bytes. */
  Size: number
  /** RFC 3339. */
  Created?: string | undefined
  Config: ImageConfig
  RootFS?: { Type?: string | undefined; Layers: string[] } | undefined
  Metadata?: { LastTagTime?: string | undefined } | undefined
  /** Of the index or manifest. Needs API 1.48 and the containerd image store. */
  Descriptor?: Descriptor | undefined
  /** By platform, when asked for. Needs API 1.48. */
  Manifests?: ImageManifest[] | undefined
  /** Needs API 1.53 and the containerd image store. */
  Identity?: ImageIdentity | undefined
}

const emptyConfig = (): ImageConfig => ({
  Env: [],
  Cmd: [],
  Entrypoint: [],
  Labels: {},
  ExposedPorts: {},
  Volumes: {},
  OnBuild: [],
  Shell: [],
})

const imageConfig: z.ZodMiniType<ImageConfig> = z.looseObject({
  User: maybe(z.string()),
  Env: list(z.string()),
  Cmd: list(z.string()),
  Entrypoint: list(z.string()),
  WorkingDir: maybe(z.string()),
  Labels: stringMap,
  ExposedPorts: objectMap<object>(),
  Volumes: objectMap<object>(),
  OnBuild: list(z.string()),
  StopSignal: maybe(z.string()),
  Healthcheck: maybe(healthcheckConfig),
  Shell: list(z.string()),
})

/** What podman's own inspect of an image has that its other one lacks. */
export const libpodImage: z.ZodMiniType<{ Healthcheck?: HealthcheckConfig | undefined }> = z.looseObject({
  Healthcheck: maybe(healthcheckConfig),
})

export const imageInspect: z.ZodMiniType<ImageInspect> = z.looseObject({
  Id: z.string(),
  RepoTags: list(z.string()),
  RepoDigests: list(z.string()),
  Parent: maybe(z.string()),
  Comment: maybe(z.string()),
  Author: maybe(z.string()),
  Architecture: z.string(),
  Os: z.string(),
  Variant: maybe(z.string()),
  OsVersion: maybe(z.string()),
  Size: z.number(),
  Created: maybe(z.string()),
  Config: z.pipe(
    z.nullish(imageConfig),
    z.transform((value) => value ?? emptyConfig()),
  ),
  RootFS: maybe(z.looseObject({ Type: maybe(z.string()), Layers: list(z.string()) })),
  Metadata: maybe(z.looseObject({ LastTagTime: maybe(z.string()) })),
  Descriptor: maybe(descriptor),
  Manifests: maybe(imageManifests),
  Identity: maybe(imageIdentity),
})

/** A row of the answer to `DELETE /images/{name}`. */
export interface ImageDeleteItem {
  Untagged?: string | undefined
  Deleted?: string | undefined
}

export const imageDeleteItems: z.ZodMiniType<ImageDeleteItem[]> = list(
  z.looseObject({ Untagged: maybe(z.string()), Deleted: maybe(z.string()) }),
)

const isText = (value: unknown): boolean => value === undefined || value === null || typeof value === 'string'
const isDetail = (value: unknown): boolean => value === undefined || typeof value === 'object'

/**
 * A line of a progress stream. A hand-written predicate instead of a schema: there are hundreds of thousands of them in
 * a push or a build, and nothing in them needs to be changed.
 */
export const progressMessage: z.ZodMiniType<ProgressMessage> = z.custom<ProgressMessage>(isProgressMessage, {
  error: 'not a progress message',
})

function isProgressMessage(value: unknown): value is ProgressMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { id, status, progressDetail, errorDetail, error } = value as Record<string, unknown>
  return isText(id) && isText(status) && isText(error) && isDetail(progressDetail) && isDetail(errorDetail)
}
