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

/** What a kind of object takes, from API 1.52 on. An engine leaves out what is 0 or empty: here it is 0 or empty. */
export interface KindUsage<Item> {
  ActiveCount: number
  TotalCount: number
  /** Bytes. */
  Reclaimable: Int64
  TotalSize: Int64
  Items: Item[]
}

/** `GET /system/df`. Below API 1.52 the lists are filled; from it on the usages too, and with `verbose` these alone. */
export interface DiskUsage {
  /** Bytes; an engine may leave out a 0. */
  LayersSize?: Int64 | undefined
  Images: ImageSummary[]
  Containers: ContainerSummary[]
  Volumes: Volume[]
  BuildCache: BuildCache[]
  ImageUsage?: KindUsage<ImageSummary> | undefined
  ContainerUsage?: KindUsage<ContainerSummary> | undefined
  VolumeUsage?: KindUsage<Volume> | undefined
  BuildCacheUsage?: KindUsage<BuildCache> | undefined
}

function orZero<T extends Int64>(item: z.ZodMiniType<T>): z.ZodMiniType<T | 0> {
  return z.pipe(
    z.nullish(item),
    z.transform((value) => value ?? 0),
  )
}

function kindUsage<T>(items: z.ZodMiniType<T[]>): z.ZodMiniType<KindUsage<T> | undefined> {
  return maybe(
    z.looseObject({
      ActiveCount: orZero(z.number()),
      TotalCount: orZero(z.number()),
      Reclaimable: orZero(int64),
      TotalSize: orZero(int64),
      Items: items,
    }),
  )
}

const buildCaches: z.ZodMiniType<BuildCache[]> = list(
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
)

export const diskUsage: z.ZodMiniType<DiskUsage> = z.looseObject({
  LayersSize: maybe(int64),
  Images: imageSummaries,
  Containers: containerSummaries,
  Volumes: list(volume),
  BuildCache: buildCaches,
  ImageUsage: kindUsage(imageSummaries),
  ContainerUsage: kindUsage(containerSummaries),
  VolumeUsage: kindUsage(list(volume)),
  BuildCacheUsage: kindUsage(buildCaches),
})
