import * as z from 'zod/mini'

/** The little of an inspect that tells how a container's output is to be read. */
export interface ContainerTty {
  Config: { Tty: boolean }
}

export const containerTty: z.ZodMiniType<ContainerTty> = z.looseObject({
  Config: z.looseObject({ Tty: z.boolean() }),
})
