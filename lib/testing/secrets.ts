import { literal } from '../base/literal.ts'
import type { Env } from '../base/ports.ts'
import { spellings } from '../base/redact.ts'
import type { Rewrite } from './chunks.ts'
import { isSecretName, secretPatterns, type SecretKind, type SecretPattern } from './secret-patterns.ts'

// Long enough not to be met by chance in other text.
const MIN_LENGTH = 6
const MIN_FOUND_LENGTH = 8

const PATTERNS: readonly SecretPattern[] = secretPatterns()

/** Values of environment variables whose names look like secrets. */
export function secretsOf(env: Env): string[] {
  return Object.entries(env).flatMap(([key, value]) => (value !== undefined && isSecretName(key) ? [value] : []))
}

/** A secret that is known by its text. */
export interface KnownSecret {
  readonly text: string
  readonly kind: SecretKind
}

/** The secrets that stand in a text, by the names or forms that give them away; they may stand elsewhere without. */
export function findSecrets(text: string, patterns: readonly SecretPattern[] = PATTERNS): KnownSecret[] {
  const found = new Map<string, SecretKind>()
  for (const { kind, pattern, isKnown } of patterns) {
    if (isKnown === false) continue
    for (const match of text.matchAll(pattern)) {
      const secret = unquoted(match[1] ?? match[0])
      if (secret.length >= MIN_FOUND_LENGTH && !found.has(secret)) found.set(secret, kind)
    }
  }
  return Array.from(found, ([text, kind]) => ({ text, kind }))
}

/** The patterns for names and forms of one's own: a text is a name, a pattern the secret or has it as its first group. */
export function patternsWith(mask: readonly (string | RegExp)[]): readonly SecretPattern[] {
  if (mask.length === 0) return PATTERNS
  const own = mask.flatMap((item): SecretPattern[] => {
    if (typeof item === 'string') return []
    return [{ kind: 'custom', pattern: new RegExp(item.source, [...new Set(`${item.flags}dg`)].join('')) }]
  })
  return [...own, ...secretPatterns(mask.filter((item) => typeof item === 'string'))]
}

function unquoted(text: string): string {
  try {
    return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text
  } catch {
    return text
  }
}

/** What is masked and how; `onMasked` is told of each. */
export interface MaskOptions {
  readonly patterns?: readonly SecretPattern[] | undefined
  readonly onMasked?: ((kind: SecretKind) => void) | undefined
}

/** Masks secrets: those that look like it, and the known ones in every encoding. `mask` gets the secret part. */
export function secretRewrites(
  secrets: readonly KnownSecret[],
  mask: (secret: string) => string,
  { patterns = PATTERNS, onMasked }: MaskOptions = {},
): Rewrite[] {
  const known = secrets
    .filter(({ text }) => text.length >= MIN_LENGTH)
    .flatMap(({ text, kind }) => spellings(text).map((text) => ({ kind, text: Buffer.from(text).toString('latin1') })))
    .toSorted((a, b) => b.text.length - a.text.length)
    .map(({ text, kind }) => ({ kind, pattern: new RegExp(`(${literal(text)})`, 'dg') }))
  return [...known, ...patterns].map(({ kind, pattern }) => ({
    pattern,
    replace: (match) => {
      const [start, end] = (match.indices as RegExpIndicesArray)[1] ?? [match.index, match.index + match[0].length]
      const [from, to] = [start - match.index, end - match.index]
      const secret = match[0].slice(from, to)
      if (isMasked(secret)) return match[0]
      if (secret !== '') onMasked?.(kind)
      return match[0].slice(0, from) + mask(secret) + match[0].slice(to)
    },
  }))
}

/** What stands for a secret in a request; it matches anything when the request is asked again. */
export const SCRUBBED = '[scrubbed]'

/** What stands for it in a response: the same length, so that no frame and no chunk moves. */
export function stars(secret: string): string {
  return '*'.repeat(secret.length)
}

function isMasked(secret: string): boolean {
  return secret !== '' && /^\**$/.test(secret.replaceAll(SCRUBBED, ''))
}
