import * as z from 'zod/mini'

import { list, maybe, stringMap } from './shape.ts'
import { swarmObjectShape, type SwarmObject } from './swarm-object.ts'

/** What a secret or config says of itself. */
export interface SecretSpec {
  Name: string
  Labels: Record<string, string>
  /** Base64. Of a secret never in an answer. */
  Data?: string | undefined
  Driver?: { Name: string; Options: Record<string, string> } | undefined
  Templating?: { Name: string; Options: Record<string, string> } | undefined
}

/** `GET /secrets`, `GET /secrets/{id}`: without its data. */
export interface SecretInspect extends SwarmObject {
  Spec: SecretSpec
}

const driver = maybe(z.looseObject({ Name: z.string(), Options: stringMap }))

export const secret: z.ZodMiniType<SecretInspect> = z.looseObject({
  ...swarmObjectShape,
  Spec: z.looseObject({
    Name: z.string(),
    Labels: stringMap,
    Data: maybe(z.string()),
    Driver: driver,
    Templating: driver,
  }),
})

export const secrets: z.ZodMiniType<SecretInspect[]> = list(secret)
