import * as z from 'zod/mini'

import { int64, list, maybe, stringMap, type Int64 } from './shape.ts'

/** `GET /volumes/{name}`, `POST /volumes/create` */
export interface Volume {
  Name: string
  Driver: string
  Mountpoint: string
  /** RFC 3339. */
  CreatedAt?: string | undefined
  Scope: string
  Labels: Record<string, string>
  Options: Record<string, string>
  /** Filled by disk usage only; -1 for unknown. */
  UsageData?: { Size: Int64; RefCount: Int64 } | undefined
  /** Of a volume of the whole swarm. */
  ClusterVolume?: { ID: string; Version?: { Index?: number | undefined } | undefined } | undefined
}

export const volume: z.ZodMiniType<Volume> = z.looseObject({
  Name: z.string(),
  Driver: z.string(),
  Mountpoint: z.string(),
  CreatedAt: maybe(z.string()),
  Scope: z.string(),
  Labels: stringMap,
  Options: stringMap,
  UsageData: maybe(z.looseObject({ Size: int64, RefCount: int64 })),
  ClusterVolume: maybe(z.looseObject({ ID: z.string(), Version: maybe(z.looseObject({ Index: maybe(z.number()) })) })),
})

/** `GET /volumes` */
export interface VolumeList {
  Volumes: Volume[]
  Warnings: string[]
}

export const volumeList: z.ZodMiniType<VolumeList> = z.looseObject({
  Volumes: list(volume),
  Warnings: list(z.string()),
})

/** `POST /volumes/prune` */
export interface VolumePruneResponse {
  /** Names. */
  VolumesDeleted: string[]
  /** Bytes. */
  SpaceReclaimed: Int64
}

export const volumePruneResponse: z.ZodMiniType<VolumePruneResponse> = z.looseObject({
  VolumesDeleted: list(z.string()),
  SpaceReclaimed: int64,
})
