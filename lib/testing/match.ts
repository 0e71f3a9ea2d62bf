import { canonicalJson } from '../base/json.ts'
import { literal } from '../base/literal.ts'
import type { RecordedRequest } from './exchange-file.ts'
import { SCRUBBED } from './secrets.ts'
import { splitTarget } from './served.ts'

/**
 * What makes two requests the same one: the method, the path without its version prefix, the query without regard to
 * the order of names, JSON values in it and the body as values. Headers do not count, and neither does a credential.
 */
export interface MatchKey {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly body: string
}

const NAMES = ['method', 'path', 'query', 'body'] as const

export function matchKey({ method, path, query, body }: RecordedRequest): MatchKey {
  const values = Object.entries(query).flatMap(([name, items]) => items.map((item) => `${name}=${canonicalText(item)}`))
  return { method, path: splitTarget(path).path, query: values.toSorted().join('&'), body: canonicalJson(body) }
}

/** Whether a request is the recorded one. What was scrubbed there may be anything here. */
export function isRecorded(asked: MatchKey, recorded: MatchKey): boolean {
  return NAMES.every((name) => sameText(asked[name], recorded[name]))
}

/** The request in words, for messages: bodies are named, not shown. */
export function describeRequest({ method, path, query, body }: MatchKey): string {
  return `${method} ${path}${query === '' ? '' : `?${query}`}${body === 'undefined' ? '' : ` with a body of ${body.length} characters`}`
}

/** In what one request differs from another. */
export function describeDifference(a: MatchKey, b: MatchKey): string {
  const names = NAMES.filter((name) => a[name] !== b[name])
  return names.length === 0 ? 'the same' : `differs in ${names.join(' and ')}`
}

/** How near two requests are: the path counts most, then the method, the query, the body. */
export function nearness(a: MatchKey, b: MatchKey): number {
  const [left, right] = [a.path.split('/'), b.path.split('/')]
  const shared = left.filter((part, i) => part === right[i]).length / Math.max(left.length, right.length)
  const equal = (name: 'method' | 'query' | 'body'): number => Number(a[name] === b[name])
  return 8 * shared + 4 * equal('method') + 2 * equal('query') + equal('body')
}

function sameText(asked: string, recorded: string): boolean {
  if (!recorded.includes(SCRUBBED)) return asked === recorded
  return new RegExp(`^${recorded.split(SCRUBBED).map(literal).join('.*')}$`, 's').test(asked)
}

function canonicalText(value: string): string {
  if (!/^[[{]/.test(value)) return value
  try {
    return canonicalJson(JSON.parse(value))
  } catch {
    return value
  }
}
