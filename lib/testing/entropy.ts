import { isObject, type JsonValue } from '../base/json.ts'
import type { Exchange } from './exchange-file.ts'

/** Something in a recording that looks as random as a secret. */
export interface Suspect {
  /** The exchange it stands in first, and which side of it. */
  readonly where: string
  /** Its first four characters, and how long it is. */
  readonly start: string
  readonly length: number
}

/**
 * What is left in exchanges that is long and random and neither an id, a digest nor a date of an engine. It may be a secret
 * that nothing gave away, or not: it is for people to look at.
 */
export function findSuspects(exchanges: readonly Exchange[]): Suspect[] {
  const found = new Map<string, Suspect>()
  for (const { name, request, response, upgrade } of exchanges) {
    const steps = (from: 'client' | 'engine'): string[] =>
      (upgrade ?? []).flatMap((step) => (step.from === from && step.data !== null ? [step.data] : []))
    const sides = {
      request: [
        request.path,
        ...Object.values(request.query).flat(),
        ...textsIn(request.body),
        decoded(steps('client')),
      ],
      answer: [decoded(response.chunks), decoded(steps('engine'))],
    }
    for (const [side, texts] of Object.entries(sides))
      for (const token of texts.flatMap((text) => tokensOf(text)))
        if (!found.has(token))
          found.set(token, { where: `the ${side} of ${name}`, start: token.slice(0, 4), length: token.length })
  }
  return [...found.values()]
}

function decoded(chunks: readonly string[]): string {
  return Buffer.concat(chunks.map((chunk) => Buffer.from(chunk, 'base64'))).toString('latin1')
}

function textsIn(value: JsonValue | undefined): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(item))
  return isObject(value) ? Object.values(value).flatMap((item) => textsIn(item)) : []
}

const MIN_LENGTH = 20
// A random text of this alphabet and length has about 4; words of a language and paths stay below.
const MIN_ENTROPY = 3.6

function tokensOf(text: string): string[] {
  const words = text.match(/[A-Za-z0-9_+=-]{20,}/g) ?? []
  // The one common form in which a slash is no path: 30 bytes in base64.
  const keys = text.match(/(?<![\w/+=])(?=[\w+]*\/)[\w/+]{40}(?![\w/+=])/g) ?? []
  return [...words, ...keys].filter((word) => isRandom(word))
}

function isRandom(word: string): boolean {
  // Ids and digests of engines have 12, 40 or 64 hexadecimal digits; a UUID has its dashes.
  if (/^[0-9a-f-]+$/.test(word)) return /^[0-9a-f]{24,39}$|^[0-9a-f]{41,63}$/.test(word)
  const classes = [/[a-z]/, /[A-Z]/, /\d/].filter((pattern) => pattern.test(word)).length
  return classes === 3 && word.length >= MIN_LENGTH && entropy(word) >= MIN_ENTROPY && !isWordy(word)
}

// A date, a name in parts, or a name in camel case: its parts are words.
function isWordy(word: string): boolean {
  const parts = word.split(/[_=+-]|(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])/)
  const words = parts.filter((part) => /^(?:[A-Za-z]?[a-z]{3,}|[A-Z]{3,}|\d{1,4})$/.test(part))
  return words.join('').length >= word.length / 2
}

function entropy(word: string): number {
  const counts = new Map<string, number>()
  for (const character of word) counts.set(character, (counts.get(character) ?? 0) + 1)
  return [...counts.values()].reduce((sum, n) => sum - (n / word.length) * Math.log2(n / word.length), 0)
}
