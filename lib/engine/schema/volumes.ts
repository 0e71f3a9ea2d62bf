import * as z from 'zod/mini'

import { list, maybe, stringMap } from './shape.ts'

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
}

export const volume: z.ZodMiniType<Volume> = z.looseObject({
  Name: z.string(),
  Driver: z.string(),
  Mountpoint: z.string(),
  CreatedAt: maybe(z.string()),
  Scope: z.string(),
  Labels: stringMap,
  Options: stringMap,
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
