import * as z from 'zod/mini'

import { descriptor, type Descriptor } from './descriptor.ts'
import { int64, list, maybe, type Int64 } from './shape.ts'

/** Where the content of an image came from, as its engine knows. Needs API 1.53 and the containerd image store. */
export interface ImageIdentity {
  /** Repositories that it was ever pulled from, without the port of their registry: no references. */
  Pull: { Repository: string }[]
  /** Builds of this engine. */
  Build: { Ref?: string | undefined }[]
  /** Signatures that the engine has verified. */
  Signature: ImageSignature[]
}

/** A verified signature. */
export interface ImageSignature {
  Name?: string | undefined
  /** Who signed, in the words of the certificate. */
  Signer?:
    | {
        Issuer?: string | undefined
        SubjectAlternativeName?: string | undefined
        SourceRepositoryURI?: string | undefined
      }
    | undefined
}

export const imageIdentity: z.ZodMiniType<ImageIdentity> = z.looseObject({
  Pull: list(z.looseObject({ Repository: z.string() })),
  Build: list(z.looseObject({ Ref: maybe(z.string()) })),
  Signature: list(
    z.looseObject({
      Name: maybe(z.string()),
      Signer: maybe(
        z.looseObject({
          Issuer: maybe(z.string()),
          SubjectAlternativeName: maybe(z.string()),
          SourceRepositoryURI: maybe(z.string()),
        }),
      ),
    }),
  ),
})

/** One manifest of an image. */
export interface ImageManifest {
  ID: string
  Descriptor: Descriptor
  Available: boolean
  Kind: 'image' | 'attestation' | 'unknown' | (string & {})
  /** Bytes. */
  Size?: { Content: Int64; Total: Int64 } | undefined
  /** Of an image. */
  ImageData?:
    | {
        Platform?: { os: string; architecture: string; variant?: string | undefined } | undefined
        /** In lists, when asked for. Needs API 1.54. */
        Identity?: ImageIdentity | undefined
        /** Ids of the containers that were made of it. */
        Containers: string[]
        /** Bytes. */
        Size?: { Unpacked: Int64 } | undefined
      }
    | undefined
  /** Of an attestation: digest of the manifest that it is about. */
  AttestationData?: { For: string } | undefined
}

export const imageManifests: z.ZodMiniType<ImageManifest[]> = z.array(
  z.looseObject({
    ID: z.string(),
    Descriptor: descriptor,
    Available: z.boolean(),
    Kind: z.string(),
    Size: maybe(z.looseObject({ Content: int64, Total: int64 })),
    ImageData: maybe(
      z.looseObject({
        Platform: maybe(z.looseObject({ os: z.string(), architecture: z.string(), variant: maybe(z.string()) })),
        Identity: maybe(imageIdentity),
        Containers: list(z.string()),
        Size: maybe(z.looseObject({ Unpacked: int64 })),
      }),
    ),
    AttestationData: maybe(z.looseObject({ For: z.string() })),
  }),
)
