import { canonicalJson, isObject, printJson, type JsonObject, type JsonValue } from '../base/json.ts'
import { rewriteText } from './chunks.ts'
import { firstDifference, isSameText, type Difference } from './difference.ts'
import type { RecordedRequest } from './exchange-file.ts'
import { SCRUBBED, secretRewrites } from './secrets.ts'
import { splitTarget } from './served.ts'

/**
 * What makes two requests the same one: the method, the path without its version prefix, the query without regard to
 * the order of names, JSON values in it and the body as values. Lists that have no order for an engine compare as sets
 * (`UNORDERED`). Headers do not count, and neither does a credential.
 */
export interface MatchKey {
  readonly method: string
  readonly path: string
  /** Each name with its value, or its values where it comes more than once; JSON among them parsed. */
  readonly query: JsonObject
  readonly body: JsonValue | undefined
}

export function matchKey({ method, path, query, body }: RecordedRequest): MatchKey {
  const values = Object.entries(query).map(([name, items]): [string, JsonValue] => {
    const [first, ...rest] = items.map((item) => jsonOrText(item))
    return [name, first === undefined || rest.length > 0 ? [...(first === undefined ? [] : [first]), ...rest] : first]
  })
  return { method, path: splitTarget(path).path, query: Object.fromEntries(values), body }
}

/** Whether a request is the recorded one. What was scrubbed there may be anything here. */
export function isRecorded(asked: MatchKey, recorded: MatchKey): boolean {
  return isSameCall(asked, recorded) && differenceOf(asked, recorded) === undefined
}

/** The request in words, for messages: bodies are named, not shown, and neither is a secret. */
export function describeRequest({ method, path, query, body }: MatchKey): string {
  const values = Object.entries(query).flatMap(([name, items]) =>
    (Array.isArray(items) ? items : [items]).map((item) =>
      withoutSecrets(`${name}=${typeof item === 'string' ? item : canonicalJson(item)}`),
    ),
  )
  const length = body === undefined ? '' : ` with a body of ${canonicalJson(body).length} characters`
  return `${method} ${path}${values.length === 0 ? '' : `?${values.toSorted().join('&')}`}${length}`
}

/** In what one request differs from the recorded one, with the first JSON path and both values where it has one. */
export function describeDifference(asked: MatchKey, recorded: MatchKey): string {
  const parts = [
    ...(asked.method === recorded.method ? [] : ['method']),
    ...(isSameText(asked.path, recorded.path) ? [] : ['path']),
  ]
  const found = differenceOf(asked, recorded)
  if (found !== undefined) parts.push(describePath(found))
  return parts.length === 0 ? 'is the same' : `differs in ${parts.join(' and ')}`
}

/** How near two requests are: the path counts most, then the method, the query, and how much of the bodies is the same. */
export function nearness(a: MatchKey, b: MatchKey): number {
  const [left, right] = [a.path.split('/'), b.path.split('/')]
  const shared = left.filter((part, i) => part === right[i]).length / Math.max(left.length, right.length)
  return 8 * shared + 4 * Number(a.method === b.method) + 2 * likeness(a.query, b.query) + likeness(a.body, b.body)
}

function isSameCall(asked: MatchKey, recorded: MatchKey): boolean {
  return asked.method === recorded.method && isSameText(asked.path, recorded.path)
}

interface PartDifference extends Difference {
  readonly part: 'query' | 'body'
}

function differenceOf(asked: MatchKey, recorded: MatchKey): PartDifference | undefined {
  for (const part of ['query', 'body'] as const) {
    const found = firstDifference(asked[part], recorded[part])
    if (found !== undefined) return { ...found, part }
  }
  return undefined
}

function describePath({ part, path, asked, recorded }: PartDifference): string {
  const name = /\.?(\w+)(?:\[\d+\])*$/.exec(path)?.[1] ?? ''
  return `${part} at ${path}: asked ${shown(name, asked)}, recorded ${shown(name, recorded)}`
}

const SHOWN_LENGTH = 200

// Its name may be what tells a secret.
function shown(name: string, value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing'
  const prefix = `${JSON.stringify(name)}:`
  const text = withoutSecrets(prefix + printJson(value)).slice(prefix.length)
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}… (${text.length} characters)`
}

function withoutSecrets(text: string): string {
  return rewriteText(
    text,
    secretRewrites([], () => SCRUBBED),
  )
}

/** The part of the leaves that two values have in common, from 0 to 1. */
function likeness(a: JsonValue | undefined, b: JsonValue | undefined): number {
  const [left, right] = [leaves(a), leaves(b)]
  if (left.size === 0 && right.size === 0) return 1
  const shared = [...left].filter((leaf) => right.has(leaf)).length
  return shared / (left.size + right.size - shared)
}

function leaves(value: JsonValue | undefined, path = '', found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const item of value) leaves(item, `${path}[]`, found)
  else if (isObject(value)) for (const [name, member] of Object.entries(value)) leaves(member, `${path}.${name}`, found)
  else if (value !== undefined) found.add(`${path}=${canonicalJson(value)}`)
  return found
}

function jsonOrText(value: string): JsonValue {
  if (!/^[[{]/.test(value)) return value
  try {
    return JSON.parse(value) as JsonValue
  } catch {
    return value
  }
}
