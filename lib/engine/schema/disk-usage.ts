import * as z from 'zod/mini'

import { containerSummaries, type ContainerSummary } from './containers.ts'
import { imageSummaries, type ImageSummary } from './images.ts'
import { int64, list, maybe, type Int64 } from './shape.ts'
import { volume, type Volume } from './volumes.ts'

/** An entry of the build cache. */
export interface BuildCache {
  ID: string
  Type: string
  Description?: string | undefined
  InUse: boolean
  Shared: boolean
  /** Bytes. */
  Size: Int64
  CreatedAt?: string | undefined
  LastUsedAt?: string | undefined
  UsageCount?: number | undefined
}

/** What a kind of object takes, from API 1.52 on. */
export interface KindUsage {
  ActiveCount: number
  TotalCount: number
  /** Bytes. */
  Reclaimable: Int64
  TotalSize: Int64
}

/** `GET /system/df`. Below API 1.52 the lists are filled, from it on the sums, and lists in them where `verbose`. */
export interface DiskUsage {
  /** Bytes. */
  LayersSize?: Int64 | undefined
  Images: ImageSummary[]
  Containers: ContainerSummary[]
  Volumes: Volume[]
  BuildCache: BuildCache[]
  ImageUsage?: KindUsage | undefined
  ContainerUsage?: KindUsage | undefined
  VolumeUsage?: KindUsage | undefined
  BuildCacheUsage?: KindUsage | undefined
}

const kindUsage: z.ZodMiniType<KindUsage | undefined> = maybe(
  z.looseObject({ ActiveCount: z.number(), TotalCount: z.number(), Reclaimable: int64, TotalSize: int64 }),
)

export const diskUsage: z.ZodMiniType<DiskUsage> = z.looseObject({
  LayersSize: maybe(int64),
  Images: imageSummaries,
  Containers: containerSummaries,
  Volumes: list(volume),
  BuildCache: list(
    z.looseObject({
      ID: z.string(),
      Type: z.string(),
      Description: maybe(z.string()),
      InUse: z.boolean(),
      Shared: z.boolean(),
      Size: int64,
      CreatedAt: maybe(z.string()),
      LastUsedAt: maybe(z.string()),
      UsageCount: maybe(z.number()),
    }),
  ),
  ImageUsage: kindUsage,
  ContainerUsage: kindUsage,
  VolumeUsage: kindUsage,
  BuildCacheUsage: kindUsage,
})
