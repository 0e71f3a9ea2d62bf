import * as z from 'zod/mini'

/** Registries whose webhooks are taken. */
export type HookName = 'ghcr' | 'dockerhub' | 'distribution'
export const HOOK_NAMES: readonly HookName[] = ['ghcr', 'dockerhub', 'distribution']

/** What a registry tells: a tag was pushed. */
export interface Release {
  /** `host/repository:tag` */
  readonly reference: string
}

/** A webhook that was understood. */
export interface Delivery {
  readonly releases: readonly Release[]
  /** When it happened, in milliseconds since the epoch, by the registry's clock; `undefined` when it does not say. */
  readonly at: number | undefined
}

/** Reads the body of a webhook; `undefined` when it is not one. */
export type ReadDelivery = (body: unknown) => Delivery | undefined

/** Members of foreign JSON: absent, null or of another type is all the same. */
export function otherwise<T>(schema: z.ZodMiniType<T>, fallback: T): z.ZodMiniType<T> {
  // oxlint-disable-next-line promise/valid-params -- this catch is zod's
  return z.catch(schema, fallback)
}

export const text: z.ZodMiniType<string> = otherwise(z.string(), '')

/** The newest of some times in RFC 3339. */
export function newest(times: readonly string[]): number | undefined {
  const known = times.map((time) => Date.parse(time)).filter((time) => !Number.isNaN(time))
  return known.length === 0 ? undefined : Math.max(...known)
}
