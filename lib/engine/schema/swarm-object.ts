import * as z from 'zod/mini'

import { int64, list, maybe, type Int64 } from './shape.ts'

/** What all objects of a swarm have. An update names the version that it is based on. */
export interface SwarmObject {
  ID: string
  Version: { Index: number }
  /** RFC 3339. */
  CreatedAt?: string | undefined
  UpdatedAt?: string | undefined
}

/** The members of {@link SwarmObject}, for schemas that hold more. */
export const swarmObjectShape: { [Key in keyof Required<SwarmObject>]: z.ZodMiniType<SwarmObject[Key]> } = {
  ID: z.string(),
  Version: z.looseObject({ Index: z.number() }),
  CreatedAt: maybe(z.string()),
  UpdatedAt: maybe(z.string()),
}

/** `ID` of what was created. */
export interface SwarmCreateResponse {
  ID: string
}

export const swarmCreateResponse: z.ZodMiniType<SwarmCreateResponse> = z.looseObject({ ID: z.string() })

/** What a node has or a task asks for beside CPU and memory: named (`GPU=UUID1`) or counted (`SSD=3`). */
export interface GenericResource {
  NamedResourceSpec?: { Kind: string; Value: string } | undefined
  DiscreteResourceSpec?: { Kind: string; Value: Int64 } | undefined
}

export const genericResources: z.ZodMiniType<GenericResource[]> = list(
  z.looseObject({
    NamedResourceSpec: maybe(z.looseObject({ Kind: z.string(), Value: z.string() })),
    DiscreteResourceSpec: maybe(z.looseObject({ Kind: z.string(), Value: int64 })),
  }),
)

/** What nodes of a swarm trust one another by. */
export interface TlsInfo {
  /** PEM. */
  TrustRoot?: string | undefined
  /** Base64 of DER. */
  CertIssuerSubject?: string | undefined
  CertIssuerPublicKey?: string | undefined
}

export const tlsInfo: z.ZodMiniType<TlsInfo | undefined> = maybe(
  z.looseObject({
    TrustRoot: maybe(z.string()),
    CertIssuerSubject: maybe(z.string()),
    CertIssuerPublicKey: maybe(z.string()),
  }),
)

/** Limits and reservations of tasks, resources of a node. */
export interface TaskResources {
  NanoCPUs?: Int64 | undefined
  /** Bytes. */
  MemoryBytes?: Int64 | undefined
  /** A limit only. */
  Pids?: Int64 | undefined
  /** Reservations and nodes only. */
  GenericResources: GenericResource[]
}

export const taskResources: z.ZodMiniType<TaskResources> = z.looseObject({
  NanoCPUs: maybe(int64),
  MemoryBytes: maybe(int64),
  Pids: maybe(int64),
  GenericResources: genericResources,
})
