import * as z from 'zod/mini'

import { descriptor, type Descriptor } from './descriptor.ts'
import { imageDeleteItems, type ImageDeleteItem } from './images.ts'
import { int64, jsonObject, list, maybe, type Int64 } from './shape.ts'

/** A row of `GET /images/{name}/history`, newest first. */
export interface ImageHistoryItem {
  /** `<missing>` for what was built elsewhere. */
  Id: string
  /** Seconds since the epoch. */
  Created: number
  CreatedBy: string
  Tags: string[]
  /** Bytes. */
  Size: number
  Comment: string
}

export const imageHistory: z.ZodMiniType<ImageHistoryItem[]> = list(
  z.looseObject({
    Id: z.string(),
    Created: z.number(),
    CreatedBy: z.string(),
    Tags: list(z.string()),
    Size: z.number(),
    Comment: z.string(),
  }),
)

/** A row of `GET /images/search`. */
export interface ImageSearchItem {
  name: string
  description: string
  is_official: boolean
  is_automated?: boolean | undefined
  star_count: number
}

export const imageSearchItems: z.ZodMiniType<ImageSearchItem[]> = list(
  z.looseObject({
    name: z.string(),
    description: z.string(),
    is_official: z.boolean(),
    is_automated: maybe(z.boolean()),
    star_count: z.number(),
  }),
)

/** `POST /images/prune` */
export interface ImagePruneResponse {
  ImagesDeleted: ImageDeleteItem[]
  /** Bytes. */
  SpaceReclaimed: Int64
}

export const imagePruneResponse: z.ZodMiniType<ImagePruneResponse> = z.looseObject({
  ImagesDeleted: imageDeleteItems,
  SpaceReclaimed: int64,
})

/** `POST /build/prune` */
export interface BuildPruneResponse {
  CachesDeleted: string[]
  /** Bytes. */
  SpaceReclaimed: Int64
}

export const buildPruneResponse: z.ZodMiniType<BuildPruneResponse> = z.looseObject({
  CachesDeleted: list(z.string()),
  SpaceReclaimed: int64,
})

/** `POST /commit` */
export interface CommitResponse {
  Id: string
}

export const commitResponse: z.ZodMiniType<CommitResponse> = z.looseObject({ Id: z.string() })

/** A row of `GET /images/{name}/attestations`: an in-toto statement. */
export interface ImageAttestation {
  Descriptor: Descriptor
  /** For instance `https://slsa.dev/provenance/v0.2`. */
  PredicateType: string
  /** The statement itself, when asked for. */
  Statement?: object | undefined
}

export const imageAttestations: z.ZodMiniType<ImageAttestation[]> = list(
  z.looseObject({
    Descriptor: descriptor,
    PredicateType: z.string(),
    Statement: maybe(jsonObject),
  }),
)
