import * as z from 'zod/mini'

import { maybe } from './shape.ts'

/** The little of an inspect that tells how a container's output is to be read, and whether there is any. */
export interface ContainerTty {
  Config: { Tty: boolean }
  State?: { Status?: string | undefined } | undefined
}

export const containerTty: z.ZodMiniType<ContainerTty> = z.looseObject({
  Config: z.looseObject({ Tty: z.boolean() }),
  State: maybe(z.looseObject({ Status: maybe(z.string()) })),
})
