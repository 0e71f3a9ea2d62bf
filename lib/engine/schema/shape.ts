import * as z from 'zod/mini'

import { isObject, type JsonObject } from '../../base/json.ts'

/**
 * A number that Go holds in 64 bits: above 2^53 it arrives as `bigint`, which `JSON.stringify` prints as a text in an
 * answer as it came; `printJson` prints numbers. To calculate, take `Number(value)` or `BigInt(value)`.
 */
export type Int64 = number | bigint
export const int64: z.ZodMiniType<Int64> = z.union([z.number(), z.bigint()])

/** Go's nil slice is `null` on the wire, or absent: here always an array. */
export function list<T>(item: z.ZodMiniType<T>): z.ZodMiniType<T[]> {
  return z.pipe(
    z.nullish(z.array(item)),
    z.transform((value) => value ?? []),
  )
}

/**
 * Go's nil map is `null` on the wire, or absent: here always an object. It is passed on as it came and not copied, for a
 * label may be called `__proto__`, which zod's own records drop.
 */
export function map<T>(isValue: (value: unknown) => boolean): z.ZodMiniType<Record<string, T>> {
  return z.pipe(
    z.nullish(z.custom<Record<string, T>>((value) => isMapOf(value, isValue))),
    z.transform((value) => value ?? {}),
  )
}

function isMapOf(value: unknown, isValue: (value: unknown) => boolean): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isValue)
}

/** Labels, options, sysctls, … */
export const stringMap: z.ZodMiniType<Record<string, string>> = map<string>((value) => typeof value === 'string')

/** A map whose values are objects or null. */
export function objectMap<T>(): z.ZodMiniType<Record<string, T>> {
  return map<T>((value) => typeof value === 'object')
}

/** Go's nil pointer is `null` on the wire, or absent: here `undefined`. */
export function maybe<T>(item: z.ZodMiniType<T>): z.ZodMiniType<T | undefined> {
  return z.pipe(
    z.nullish(item),
    z.transform((value) => value ?? undefined),
  )
}

/** Any JSON object, untouched. */
export const jsonObject: z.ZodMiniType<JsonObject> = z.custom<JsonObject>(isObject)
