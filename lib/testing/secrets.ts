import { literal } from '../base/literal.ts'
import type { Env } from '../base/ports.ts'
import { spellings } from '../base/redact.ts'
import type { Rewrite } from './chunks.ts'

// Long enough not to be met by chance in other text.
const MIN_LENGTH = 6
const MIN_FOUND_LENGTH = 8

const SECRET_WORD = '(?:pass(?:wd|word|phrase)?|secret|token|credential|api_?key|access_?key|private_?key|_key|_auth)'
const SECRET_NAME = `\\w{0,80}${SECRET_WORD}\\w{0,80}`
const JSON_TEXT = '(?:[^"\\\\]|\\\\.)*'

/** What gives a secret away: its name or its form. The secret is the group. */
const PATTERNS: readonly RegExp[] = [
  // "MY_TOKEN=…" in Env, and the same in a line of output
  new RegExp(`"${SECRET_NAME}=(${JSON_TEXT})"`, 'dgi'),
  new RegExp(`\\b${SECRET_NAME}=([^\\s"'&]+)`, 'dgi'),
  // "password": "…", "auth": "…"; "Data" is the value of swarm secrets and configs
  new RegExp(`"[^"\\\\]{0,80}(?:${SECRET_WORD}\\w{0,80}|auth)"\\s*:\\s*"(${JSON_TEXT})"`, 'dgi'),
  new RegExp(`"Data"\\s*:\\s*"(${JSON_TEXT})"`, 'dg'),
  /:\/\/([^/\s"'@]*:[^/\s"'@]*)@/dg,
  /\b(?:Bearer|Basic) ([\w+/=.~-]{16,})/dgi,
  /\b(eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)/dg,
  /\b((?:gh[pousr]|github_pat|glpat|dckr_pat|SWMTKN)[_-][\w-]{16,})/dg,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----([^]*?)-----END/dg,
]

// Of a login the name goes too, but it may be an honest word elsewhere.
const USERNAME = new RegExp(`"username"\\s*:\\s*"(${JSON_TEXT})"`, 'dgi')

/** Values of environment variables whose names look like secrets. */
export function secretsOf(env: Env): string[] {
  const name = new RegExp(`^${SECRET_NAME}$`, 'i')
  return Object.entries(env).flatMap(([key, value]) => (value !== undefined && name.test(key) ? [value] : []))
}

/** The secrets that stand in a text, by the names or forms that give them away; they may stand elsewhere without. */
export function findSecrets(text: string): string[] {
  const found = PATTERNS.flatMap((pattern) => Array.from(text.matchAll(pattern), (match) => unquoted(match[1] ?? '')))
  return [...new Set(found)].filter((secret) => secret.length >= MIN_FOUND_LENGTH)
}

function unquoted(text: string): string {
  try {
    return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text
  } catch {
    return text
  }
}

/** Masks secrets: those that look like it, and the given ones in every encoding. `mask` gets the secret part. */
export function secretRewrites(secrets: readonly string[], mask: (secret: string) => string): Rewrite[] {
  const known = secrets
    .filter((secret) => secret.length >= MIN_LENGTH)
    .flatMap(spellings)
    .map((text) => Buffer.from(text).toString('latin1'))
  const patterns = known.toSorted((a, b) => b.length - a.length).map((text) => new RegExp(`(${literal(text)})`, 'dg'))
  return [...patterns, ...PATTERNS, USERNAME].map((pattern) => ({ pattern, replace: (match) => masked(match, mask) }))
}

/** What stands for a secret in a request; it matches anything when the request is asked again. */
export const SCRUBBED = '[scrubbed]'

/** What stands for it in a response: the same length, so that no frame and no chunk moves. */
export function stars(secret: string): string {
  return '*'.repeat(secret.length)
}

function masked(match: RegExpExecArray, mask: (secret: string) => string): string {
  const [start, end] = (match.indices as RegExpIndicesArray)[1] as [number, number]
  const [from, to] = [start - match.index, end - match.index]
  return match[0].slice(0, from) + mask(match[0].slice(from, to)) + match[0].slice(to)
}
