import { printJson } from '../base/json.ts'

/** Filters of list and prune calls: each name with the values of which one must match. */
export type Filters = Readonly<Record<string, readonly string[]>>

/** Query parameters by their API names. `undefined` is left out, arrays repeat the key, objects go as JSON. */
export type Query = Readonly<Record<string, QueryValue>>
export type QueryValue = string | number | bigint | boolean | undefined | readonly string[] | object

/** `?a=1&b=x`, or an empty text. Booleans become 1 and 0, which every API version reads. */
export function encodeQuery(query: Query = {}): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? (value as readonly string[]) : [value]) {
      if (item !== undefined) params.append(name, encodeValue(item))
    }
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

function encodeValue(value: Exclude<QueryValue, undefined>): string {
  if (typeof value === 'boolean') return value ? '1' : '0'
  return typeof value === 'object' ? printJson(value) : String(value)
}
