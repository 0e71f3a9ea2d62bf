import { createHash } from 'node:crypto'

import { parseJson, type JsonValue } from '../base/json.ts'
import { literal } from '../base/literal.ts'
import { rewriteChunks, rewriteText, type Rewrite } from './chunks.ts'
import type { RecordedRequest, RecordedResponse, Replacement, UpgradeStep } from './exchange-file.ts'
import type { SecretKind } from './secret-patterns.ts'
import { SCRUBBED, patternsWith, secretRewrites, stars, type KnownSecret } from './secrets.ts'

export interface ScrubOptions {
  /** Texts that must not be recorded, whatever they look like: they are masked raw, in URLs, JSON and base64. */
  readonly secrets?: readonly string[] | undefined
  /**
   * More of what is a secret: a text is a name (`MY_LICENSE`) whose value is masked in the environment, flags, JSON and YAML,
   * a pattern is what a secret looks like, or has it as its first group.
   */
  readonly mask?: readonly (string | RegExp)[] | undefined
  /**
   * Replaced in JSON bodies, paths and queries: names of the machine, temporary directories, changing ports, ids that a
   * program makes up anew each time. They are stored with the recording, and its replay applies them to what it is asked:
   * give patterns for what changes from run to run, and `secrets` for what must not be in the file.
   */
  readonly replace?: readonly Replacement[] | undefined
}

/** Takes out of an exchange what must not be recorded. */
export interface Scrubber {
  request(method: string, target: string, headers: HeaderValues, body: Buffer): RecordedRequest
  response(status: number, headers: HeaderValues, chunks: readonly Uint8Array[]): RecordedResponse
  upgrade(steps: readonly RawStep[]): UpgradeStep[]
  /** What was masked so far: how many of each kind. */
  readonly masked: MaskedCounts
}

/** How many secrets were masked, by how they were told. */
export type MaskedCounts = Readonly<Partial<Record<SecretKind, number>>>

export type HeaderValues = Readonly<Record<string, string | readonly string[] | undefined>>

/** Bytes of a raw connection, or `undefined` for a half-close. */
export interface RawStep {
  readonly from: UpgradeStep['from']
  readonly data: Uint8Array | undefined
}

// Everything else is dropped: first of all X-Registry-Auth, X-Registry-Config, Authorization and cookies.
const REQUEST_HEADERS: readonly string[] = ['accept', 'content-type', 'connection', 'upgrade']
const RESPONSE_HEADERS: readonly string[] = [
  'api-version',
  'builder-version',
  'connection',
  'content-type',
  'docker-experimental',
  'libpod-api-version',
  'ostype',
  'server',
  'swarm',
  'upgrade',
  'x-docker-container-path-stat',
]

/**
 * A scrubber: headers pass by an allow-list; values are masked whose name looks like a secret (`"DB_PASSWORD=…"` in `Env`,
 * `"auth": "…"` in a body, `token=…` in an output), what looks like a token by itself, and the secrets that it is given.
 */
export function createScrubber(
  { secrets = [], mask = [], replace = [] }: ScrubOptions = {},
  known: readonly KnownSecret[] = [],
): Scrubber {
  const counts: Partial<Record<SecretKind, number>> = {}
  const options = {
    patterns: patternsWith(mask),
    onMasked: (kind: SecretKind) => void (counts[kind] = (counts[kind] ?? 0) + 1),
  }
  const all = [...secrets.map((text): KnownSecret => ({ text, kind: 'given' })), ...known]
  const own = ownRewrites(replace)
  const masks = secretRewrites(all, stars, options)
  const text = rewriter([...secretRewrites(all, () => SCRUBBED, options), ...own])
  const bytes = (chunks: readonly Uint8Array[]): Buffer[] =>
    rewriteChunks(chunks, startsLikeJson(chunks) ? [...masks, ...own] : masks)
  return {
    masked: counts,
    request: (...asked) => requestOf(text, asked),
    response: (status, headers, chunks) => ({
      status,
      headers: only(RESPONSE_HEADERS, headers, text),
      chunks: bytes(chunks).map((chunk) => chunk.toString('base64')),
    }),
    upgrade: (steps) => scrubSteps(steps, masks),
  }
}

/**
 * Reads what a replay is asked: with what the recording replaces, and nothing masked, since a mask in the recording
 * matches anything.
 */
export function readRequest(
  replace: readonly Replacement[],
  ...asked: Parameters<Scrubber['request']>
): RecordedRequest {
  return requestOf(rewriter(ownRewrites(replace)), asked)
}

type Text = (value: string) => string

function requestOf(text: Text, [method, target, headers, body]: Parameters<Scrubber['request']>): RecordedRequest {
  const mark = target.indexOf('?')
  const path = text(mark < 0 ? target : target.slice(0, mark))
  const query = queryOf(mark < 0 ? '' : target.slice(mark + 1), text)
  const recorded = { method, path, query, headers: only(REQUEST_HEADERS, headers, text) }
  return body.length === 0 ? recorded : { ...recorded, body: bodyOf(body, text) }
}

function only(names: readonly string[], headers: HeaderValues, text: Text): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, text(String(headers[name]))]])),
  )
}

function ownRewrites(replace: readonly Replacement[]): Rewrite[] {
  return replace.map(([from, to]) => ({ pattern: globalPattern(from), replace: () => to }))
}

function rewriter(rewrites: readonly Rewrite[]): Text {
  return (value) => Buffer.from(rewriteText(Buffer.from(value).toString('latin1'), rewrites), 'latin1').toString('utf8')
}

function queryOf(query: string, text: Text): Record<string, string[]> {
  const params = new URLSearchParams(query)
  // As "name=value", for it is the name that tells a secret.
  const value = (name: string, value: string): string => text(`${name}=${value}`).slice(name.length + 1)
  return Object.fromEntries(
    [...new Set(params.keys())].map((name) => [name, params.getAll(name).map((item) => value(name, item))]),
  )
}

function bodyOf(body: Buffer, text: Text): JsonValue {
  try {
    if (startsLikeJson([body])) return parseJson(text(body.toString('utf8')))
  } catch {
    // no JSON after all
  }
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}

function scrubSteps(steps: readonly RawStep[], masks: readonly Rewrite[]): UpgradeStep[] {
  const scrubbed = { client: [] as Buffer[], engine: [] as Buffer[] }
  for (const from of ['client', 'engine'] as const) {
    const chunks = steps.flatMap((step) => (step.from === from && step.data !== undefined ? [step.data] : []))
    scrubbed[from] = rewriteChunks(chunks, masks)
  }
  return steps.map(({ from, data }) => ({
    from,
    data: data === undefined ? null : (scrubbed[from].shift() ?? Buffer.alloc(0)).toString('base64'),
  }))
}

// Replacements of another length would break the sizes inside frames and tars.
function startsLikeJson(chunks: readonly Uint8Array[]): boolean {
  const first = chunks.find((chunk) => chunk.length > 0)?.[0]
  return first === 0x7b || first === 0x5b
}

function globalPattern(from: string | RegExp): RegExp {
  if (typeof from === 'string') return new RegExp(literal(from), 'g')
  return new RegExp(from, from.flags.includes('g') ? from.flags : `${from.flags}g`)
}
