import * as z from 'zod/mini'

import { descriptor, ociPlatform, type Descriptor, type OciPlatformFields } from './descriptor.ts'
import { list } from './shape.ts'

/** `GET /distribution/{name}/json` */
export interface DistributionInspect {
  /** Of the manifest or index in the registry: `digest` tells whether there is a newer image. */
  Descriptor: Descriptor
  Platforms: OciPlatformFields[]
}

export const distributionInspect: z.ZodMiniType<DistributionInspect> = z.looseObject({
  Descriptor: descriptor,
  Platforms: list(ociPlatform),
})
