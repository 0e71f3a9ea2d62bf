import * as z from 'zod/mini'

import { list, maybe, stringMap } from './shape.ts'

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
  State: string
  Status: string
  Labels: Record<string, string>
}

export const containerSummary: z.ZodMiniType<ContainerSummary> = z.looseObject({
  Id: z.string(),
  Names: list(z.string()),
  Image: z.string(),
  ImageID: z.string(),
  Command: z.string(),
  Created: z.number(),
  State: z.string(),
  Status: z.string(),
  Labels: stringMap,
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
