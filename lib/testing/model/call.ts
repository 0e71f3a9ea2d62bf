import { isObject, parseJson, type JsonObject } from '../../base/json.ts'
import { refuse, refuseIf } from './refusal.ts'
import type { World } from './world.ts'

/** One request, taken apart. */
export interface Call {
  readonly method: string
  /** Without version prefix and query, decoded. */
  readonly path: string
  /** API version of the request: of its prefix, else the engine's newest. */
  readonly version: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** Fires when the client leaves. */
  readonly signal: AbortSignal
  /** The body as a JSON object, or the engine's refusal. */
  object(): JsonObject
  flag(name: string): boolean
}

/** The body of a call as an object; what Go's decoder says when it is none. */
export function bodyObject(world: World, headers: Call['headers'], body: Uint8Array): JsonObject {
  const { words } = world.profile
  const type = (headers['content-type'] ?? '').split(';')[0] ?? ''
  if (body.length > 0 && type !== 'application/json') {
    refuseIf(words.bodyType(type))
  }
  const text = Buffer.from(body).toString('utf8').trim()
  if (text === '') return refuse(words.bodyMissing())
  try {
    const value = parseJson(text)
    return isObject(value) ? value : refuse(words.bodyBroken('json: cannot unmarshal into Go value'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return refuse(words.bodyBroken('unexpected EOF'))
  }
}

/** Go's notion of a true query value (strconv.ParseBool and more). */
export function isTrue(value: string | null): boolean {
  return value !== null && !['', '0', 'no', 'false', 'none', 'False', 'FALSE'].includes(value)
}

/** `filters={"name":["x"]}`, or in the old form `{"name":{"x":true}}`. */
export function filtersOf(query: URLSearchParams): Map<string, string[]> {
  const text = query.get('filters') ?? ''
  const filters = new Map<string, string[]>()
  if (text === '') return filters
  let parsed: unknown
  try {
    parsed = parseJson(text)
  } catch {
    return refuse([400, 'invalid filter'])
  }
  if (!isObject(parsed)) return refuse([400, 'invalid filter'])
  for (const [name, value] of Object.entries(parsed)) {
    if (Array.isArray(value)) filters.set(name, value.map(String))
    else if (isObject(value)) filters.set(name, Object.keys(value))
  }
  return filters
}

/** Whether labels hold one of `key` or `key=value`. All of them must. */
export function hasLabels(labels: JsonObject | null, wanted: readonly string[] | undefined): boolean {
  return (wanted ?? []).every((one) => {
    const mark = one.indexOf('=')
    const key = mark < 0 ? one : one.slice(0, mark)
    if (labels === null || !Object.hasOwn(labels, key)) return false
    return mark < 0 || labels[key] === one.slice(mark + 1)
  })
}
