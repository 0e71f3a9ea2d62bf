import * as z from 'zod/mini'

import { int64, list, maybe, stringMap, type Int64 } from './shape.ts'

/** A platform as OCI writes it. */
export interface OciPlatformFields {
  architecture: string
  os: string
  variant?: string | undefined
  /** Windows: `10.0.20348.1`. */
  'os.version'?: string | undefined
  'os.features': string[]
}

export const ociPlatform: z.ZodMiniType<OciPlatformFields> = z.looseObject({
  architecture: z.string(),
  os: z.string(),
  variant: maybe(z.string()),
  'os.version': maybe(z.string()),
  'os.features': list(z.string()),
})

/** What names a manifest, an index or a blob in a registry or a store (OCI image specification, descriptor.md). */
export interface Descriptor {
  mediaType: string
  /** `sha256:…` */
  digest: string
  /** Bytes. */
  size: Int64
  urls: string[]
  annotations: Record<string, string>
  /** The content itself, in base64. */
  data?: string | undefined
  platform?: OciPlatformFields | undefined
  artifactType?: string | undefined
}

export const descriptor: z.ZodMiniType<Descriptor> = z.looseObject({
  mediaType: z.string(),
  digest: z.string(),
  size: int64,
  urls: list(z.string()),
  annotations: stringMap,
  data: maybe(z.string()),
  platform: maybe(ociPlatform),
  artifactType: maybe(z.string()),
})
