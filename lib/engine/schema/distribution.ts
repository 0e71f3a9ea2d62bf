import * as z from 'zod/mini'

import { list, maybe } from './shape.ts'

/** `GET /distribution/{name}/json` */
export interface DistributionInspect {
  /** Of the manifest or index in the registry: `digest` tells whether there is a newer image. */
  Descriptor: { mediaType: string; digest: string; size: number }
  Platforms: { architecture: string; os: string; variant?: string | undefined }[]
}

export const distributionInspect: z.ZodMiniType<DistributionInspect> = z.looseObject({
  Descriptor: z.looseObject({ mediaType: z.string(), digest: z.string(), size: z.number() }),
  Platforms: list(z.looseObject({ architecture: z.string(), os: z.string(), variant: maybe(z.string()) })),
})
