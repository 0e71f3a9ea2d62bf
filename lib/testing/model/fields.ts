import type { JsonObject } from '../../base/json.ts'

/** The texts among the members of a list. */
export function textsAt(object: JsonObject, key: string): string[] {
  const value = object[key]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** Member `key` as a number, 0 for what is none. */
export function numberAt(object: JsonObject, key: string): number {
  const value = object[key]
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 0
}
