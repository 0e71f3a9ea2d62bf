import { InputError } from '../base/errors.ts'
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
      if (item !== undefined) params.append(name, encodeValue(name, item))
    }
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

function encodeValue(name: string, value: Exclude<QueryValue, undefined>): string {
  const rule = misuse(name, value)
  if (rule !== undefined) throw new InputError('INPUT_INVALID', `the option ${JSON.stringify(name)} ${rule}`)
  if (typeof value === 'boolean') return value ? '1' : '0'
  return typeof value === 'object' ? printJson(value) : String(value)
}

// What plain JavaScript may give, and an engine would take in silence or not understand.
function misuse(name: string, value: unknown): string | undefined {
  if (value instanceof AbortSignal) return 'belongs into the last argument of the call'
  if (typeof value === 'function' || typeof value === 'symbol') return `is a ${typeof value}`
  if (typeof value === 'number' && !Number.isFinite(value)) return `is ${value}`
  if (value === null) return 'is null: leave it out'
  if (name !== 'filters') return undefined
  const isFilters =
    typeof value === 'object' &&
    Object.values(value).every((texts) => Array.isArray(texts) && texts.every((text) => typeof text === 'string'))
  return isFilters ? undefined : 'is not of the form { name: [value, …] }'
}
