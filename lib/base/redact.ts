import { isDockerError, type DockerError } from './errors.ts'
import { literal } from './literal.ts'

const SHORTEST = 6
/** A shorter secret is taken out only where it stands alone: else it would be cut out of every other word. */
const WORD = 4
const MASK = '[redacted]'

/** Takes secrets out of a text. */
export type Redactor = (text: string) => string

/**
 * The spellings in which a secret shows in a text: as it is, in JSON (also as Go's encoding/json writes it), in a URL, and
 * in both base64 alphabets at each of the three places that it may have in an encoded text.
 */
export function spellings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const goJson = json.replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)
  return [...new Set([secret, json, goJson, encodeURIComponent(secret), ...base64Spellings(secret)])]
}

/** A text with no spelling of these secrets left in it: a server may repeat what it was sent. */
export function redact(text: string, secrets: readonly string[]): string {
  return createRedactor(secrets)(text)
}

/**
 * Makes a {@link Redactor} for many texts. It finds each secret in every encoding of {@link spellings} and in mixtures of
 * them: percent-encoded once or twice and in either case, as a form, with JSON or HTML escapes, cut off at the end of the
 * text. It also takes out what has the form of a credential and was never known here: the token that an engine got for
 * itself, repeated as `Bearer …`, and any JSON web token.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const known = [...new Set(secrets)].filter((secret) => secret !== '')
  // The longest first: one may be the beginning of another.
  const plain = known.toSorted((a, b) => b.length - a.length).map(plainPattern)
  const encoded = [...new Set(known.flatMap(base64Spellings))]
    .toSorted((a, b) => b.length - a.length)
    .map((word) => `${RUN}${anySpelling(word)}${RUN}(?:(?:=|%3[Dd]){0,2})`)
  const whole = [...encoded, ...plain]
  const pattern = whole.length === 0 ? undefined : new RegExp(whole.join('|'), 'gu')
  const beginnings = known.flatMap((secret) => [secret, ...base64Spellings(secret)])
  return (text) => {
    const without = pattern === undefined ? text : text.replace(pattern, MASK)
    return withoutBeginning(withoutCredentials(without), beginnings)
  }
}

/**
 * An error of dockline with no secret in its texts: message, stack, words, path, facts, and those of its causes. The same
 * error where there was none.
 */
export function redactedError(error: unknown, clean: Redactor): unknown {
  if (!isDockerError(error)) return error
  const { code, message, words, path, status, method, facts } = error
  const cause = redactedError(error.cause, clean)
  const stack = clean(error.stack ?? '')
  const kept = [words, path].map((text) => (text === undefined ? undefined : clean(text)))
  const cleanFacts = redactedFact(facts, clean)
  const isClean =
    cause === error.cause && stack === (error.stack ?? '') && clean(message) === message && cleanFacts === facts
  if (isClean && kept[0] === words && kept[1] === path) return error
  const Kind = error.constructor as typeof DockerError
  const details = { status, method, words: kept[0], path: kept[1], cause, facts: cleanFacts as typeof facts }
  return Object.assign(new Kind(code, clean(message), details), { stack })
}

// The same value where there was nothing to take out.
function redactedFact(fact: unknown, clean: Redactor): unknown {
  if (typeof fact === 'string') return clean(fact)
  if (Array.isArray(fact)) {
    const parts: unknown[] = fact.map((one) => redactedFact(one, clean))
    return parts.every((part, i) => part === fact[i]) ? fact : parts
  }
  if (typeof fact !== 'object' || fact === null) return fact
  const members = Object.entries(fact).map(([name, value]) => [name, value, redactedFact(value, clean)] as const)
  return members.every(([, before, after]) => before === after)
    ? fact
    : Object.fromEntries(members.map(([name, , after]) => [name, after]))
}

// The characters around it hold bits of the secret too.
const RUN = '(?:[A-Za-z0-9+/_-]|%2[BbFf]|\\\\/)*'

function plainPattern(secret: string): string {
  const any = anySpelling(secret)
  return secret.length < WORD ? `(?<![A-Za-z0-9])${any}(?![A-Za-z0-9])` : any
}

// Letters and digits are written as they are by every encoder; anything else may be written in several ways.
function anySpelling(text: string): string {
  return Array.from(text, (character) => (/^[A-Za-z0-9]$/.test(character) ? character : waysToWrite(character))).join(
    '',
  )
}

function waysToWrite(character: string): string {
  const ways = new Set([`\\\\?${literal(character)}`])
  const percent = Array.from(Buffer.from(character), (byte) => `%(?:25)?${eitherCase(hex(byte, 2))}`).join('')
  ways.add(percent)
  ways.add(Array.from(character, utf16).join(''))
  if (character === ' ') ways.add('\\+')
  const short = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f' }[character]
  if (short !== undefined) ways.add(`\\\\${short}`)
  const named = { '<': 'lt', '>': 'gt', '&': 'amp', '"': 'quot', "'": 'apos' }[character]
  ways.add(
    `&(?:#0*${character.codePointAt(0)}|#[xX]0*${eitherCase(hex(character.codePointAt(0) ?? 0, 1))}${named === undefined ? '' : `|${named}`});`,
  )
  return `(?:${[...ways].join('|')})`
}

function utf16(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => hex(character.charCodeAt(i), 4))
  return units.map((unit) => `\\\\u${eitherCase(unit)}`).join('')
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0')
}

function eitherCase(text: string): string {
  return text.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
}

// Prose such as "Bearer authentication" has neither a digit nor a dot; a challenge goes on with a quotation mark.
const SCHEME = /\b(Bearer|Basic|Negotiate)((?:\s|\+|%20)+)(?=[A-Za-z+/_-]*[\d.~=])[\w.~+/=%-]{8,}(?!["\w])/gi
const JSON_WEB_TOKEN = /\beyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]*/g

function withoutCredentials(text: string): string {
  return text
    .replace(SCHEME, (_, scheme: string, gap: string) => `${scheme}${gap}${MASK}`)
    .replace(JSON_WEB_TOKEN, MASK)
}

// A server may have cut its text in the middle of a secret.
function withoutBeginning(text: string, words: readonly string[]): string {
  for (const word of words) {
    for (let length = word.length - 1; length >= Math.max(SHORTEST, word.length / 3); length--)
      if (text.endsWith(word.slice(0, length))) return `${text.slice(0, -length)}${MASK}`
  }
  return text
}

// What depends on the secret alone: without the characters that also hold bits of what stands before or behind it.
function base64Spellings(secret: string): string[] {
  const inside = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]).toString('base64')
    const end = text.endsWith('=') ? text.indexOf('=') - 1 : text.length
    return text.slice(offset === 0 ? 0 : offset + 1, end)
  })
  return inside
    .filter(({ length }) => length >= SHORTEST)
    .flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')])
}
