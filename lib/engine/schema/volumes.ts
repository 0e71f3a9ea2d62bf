import * as z from 'zod/mini'

import { int64, jsonObject, list, maybe, stringMap, type Int64 } from './shape.ts'

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
  /** What its driver tells; absent with the driver `local`. */
  Status?: object | undefined
  /** Of a volume of the whole swarm. */
  ClusterVolume?: ClusterVolume | undefined
}

/** Where in a cluster a volume can be used: segments by domain, for instance `{ zone: 'z1' }`. */
export interface VolumeTopology {
  Segments: Record<string, string>
}

/**
 * What is asked of a volume of the whole swarm. Needs API 1.42. moby reads all members here and not in `AccessMode`, where
 * the API's description has some (api/types/volume/cluster_volume.go).
 */
export interface ClusterVolumeSpec {
  /** Volumes of one group stand for one another. */
  Group?: string | undefined
  AccessMode?:
    | {
        Scope?: 'single' | 'multi' | (string & {}) | undefined
        Sharing?: 'none' | 'readonly' | 'onewriter' | 'all' | (string & {}) | undefined
        /** One of the two. */
        MountVolume?: { FsType?: string | undefined; MountFlags: string[] } | undefined
        BlockVolume?: object | undefined
      }
    | undefined
  AccessibilityRequirements?: { Requisite: VolumeTopology[]; Preferred: VolumeTopology[] } | undefined
  /** Bytes; 0 is no bound. */
  CapacityRange?: { RequiredBytes?: Int64 | undefined; LimitBytes?: Int64 | undefined } | undefined
  /** Secrets of the swarm, by name or id, that the driver is given. */
  Secrets: { Key: string; Secret: string }[]
  Availability?: 'active' | 'pause' | 'drain' | (string & {}) | undefined
}

export interface ClusterVolume {
  ID: string
  Version?: { Index?: number | undefined } | undefined
  /** RFC 3339. */
  CreatedAt?: string | undefined
  UpdatedAt?: string | undefined
  Spec?: ClusterVolumeSpec | undefined
  Info?:
    | {
        /** Bytes; 0 for unknown. */
        CapacityBytes?: Int64 | undefined
        VolumeContext: Record<string, string>
        VolumeID?: string | undefined
        AccessibleTopology: VolumeTopology[]
      }
    | undefined
  PublishStatus: {
    NodeID?: string | undefined
    /** `pending-publish`, `published`, `pending-node-unpublish`, `pending-controller-unpublish` */
    State?: string | undefined
    PublishContext: Record<string, string>
  }[]
}

const topologies: z.ZodMiniType<VolumeTopology[]> = list(z.looseObject({ Segments: stringMap }))

const clusterVolumeSpec: z.ZodMiniType<ClusterVolumeSpec> = z.looseObject({
  Group: maybe(z.string()),
  AccessMode: maybe(
    z.looseObject({
      Scope: maybe(z.string()),
      Sharing: maybe(z.string()),
      MountVolume: maybe(z.looseObject({ FsType: maybe(z.string()), MountFlags: list(z.string()) })),
      BlockVolume: maybe(jsonObject),
    }),
  ),
  AccessibilityRequirements: maybe(z.looseObject({ Requisite: topologies, Preferred: topologies })),
  CapacityRange: maybe(z.looseObject({ RequiredBytes: maybe(int64), LimitBytes: maybe(int64) })),
  Secrets: list(z.looseObject({ Key: z.string(), Secret: z.string() })),
  Availability: maybe(z.string()),
})

const clusterVolume: z.ZodMiniType<ClusterVolume> = z.looseObject({
  ID: z.string(),
  Version: maybe(z.looseObject({ Index: maybe(z.number()) })),
  CreatedAt: maybe(z.string()),
  UpdatedAt: maybe(z.string()),
  Spec: maybe(clusterVolumeSpec),
  Info: maybe(
    z.looseObject({
      CapacityBytes: maybe(int64),
      VolumeContext: stringMap,
      VolumeID: maybe(z.string()),
      AccessibleTopology: topologies,
    }),
  ),
  PublishStatus: list(
    z.looseObject({ NodeID: maybe(z.string()), State: maybe(z.string()), PublishContext: stringMap }),
  ),
})

export const volume: z.ZodMiniType<Volume> = z.looseObject({
  Name: z.string(),
  Driver: z.string(),
  Mountpoint: z.string(),
  CreatedAt: maybe(z.string()),
  Scope: z.string(),
  Labels: stringMap,
  Options: stringMap,
  UsageData: maybe(z.looseObject({ Size: int64, RefCount: int64 })),
  Status: maybe(jsonObject),
  ClusterVolume: maybe(clusterVolume),
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
