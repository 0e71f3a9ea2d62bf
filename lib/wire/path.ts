import { InputError, printable } from '../base/errors.ts'

/** The longest name or id accepted in a path, in characters. */
export const MAX_NAME_LENGTH: number = 255

/**
 * Tag for request paths: path`/containers/${id}/json`. Each value becomes one encoded segment.
 *
 * dockerd answers a path with dot segments, plain or encoded, by a 301 to another endpoint, and a proxy in between
 * may judge the one and forward the other; so such values are refused here, before any byte leaves.
 *
 * @throws InputError `NAME_INVALID` with the rule that was broken
 */
export function path(parts: TemplateStringsArray, ...values: string[]): string {
  return parts.reduce((whole, part, i) => whole + segment(values[i - 1] as string) + part)
}

/** One path segment, checked and encoded. */
export function segment(value: string): string {
  return encodeURIComponent(givenName(value))
}

/**
 * The name or id of a network as one path segment. dockerd takes any text for the name of a network, and reads blanks,
 * slashes and all else back where they are encoded; podman takes the names of containers alone.
 *
 * @throws InputError `NAME_INVALID` for what an engine's router would lead to another endpoint
 */
export function networkName(value: string): string {
  const broken = brokenNetworkRule(value)
  if (broken !== undefined) throw invalid(value, broken)
  return encodeURIComponent(value)
}

function brokenNetworkRule(value: string): string | undefined {
  if (typeof value !== 'string' || value === '') return 'it is empty'
  if (value.length > 4 * MAX_NAME_LENGTH) return `it is longer than ${4 * MAX_NAME_LENGTH} characters: use the id`
  if (/\p{Surrogate}/u.test(value)) return 'it holds half of a character'
  if (value.includes('\n')) return 'it holds a line break: use the id'
  if (/^\/|\/\//.test(value)) return 'it begins with a slash, or holds two in a row: use the id'
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(value)) return 'it has a dot segment: use the id'
  return undefined
}

/** An image name in a path: its slashes stay, `:` and `@` too, for the engine's router matches `name:.*`. */
export function imageName(value: string): string {
  if (value === '') throw invalid(value, 'it is empty')
  if (!/^[\w.\-:/@[\]]+$/.test(value)) throw invalid(value, 'an image name has letters, digits and ". _ - : / @" only')
  if (value.length > 4 * MAX_NAME_LENGTH) throw invalid(value, `it is longer than ${4 * MAX_NAME_LENGTH} characters`)
  if (value.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw invalid(value, 'it has an empty or dot component')
  return value
}

/** A name in a query, where a new one is given to a container; checked like a path segment. */
export function givenName(value: string): string {
  const broken = brokenRule(value)
  if (broken !== undefined) throw invalid(value, broken)
  return value
}

function brokenRule(value: string): string | undefined {
  if (typeof value !== 'string' || value === '') return 'it is empty'
  if (value.length > MAX_NAME_LENGTH) return `it is longer than ${MAX_NAME_LENGTH} characters`
  if (!/^[\x21-\x7e]+$/.test(value)) return 'only printable ASCII without spaces is allowed'
  if (value.includes('/')) return 'it holds a slash (names in lists begin with one: drop it)'
  if (/[%?#\\]/.test(value)) return 'it holds one of % ? # \\'
  if (value === '.' || value === '..') return 'it is a dot segment'
  return undefined
}

function invalid(value: unknown, rule: string): InputError {
  return new InputError('NAME_INVALID', `not a name or id: ${JSON.stringify(printable(String(value), 60))}: ${rule}`)
}
