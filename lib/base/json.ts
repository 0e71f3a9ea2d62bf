import { parse, stringify, type ParseOptions } from 'lossless-json'

/**
 * Any JSON value. Integers above 2^53 arrive as `bigint`, and only those. In an answer of the engine `JSON.stringify` prints
 * them as texts (as protobuf's JSON does), `printJson` as numbers. To calculate, convert: `Number(event.timeNano) / 1e6`.
 */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject
export interface JsonObject {
  [key: string]: JsonValue
}

// The shortest number that a double may not hold.
const LONG = 16

/**
 * Parses JSON without losing 64-bit integers: a memory limit of 9007199254740993 must not read back as …992, for it
 * would be written into the next container. Texts without such numbers take the native, fast way.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): JsonValue {
  if (!mayLoseDigits(text)) return JSON.parse(text) as JsonValue
  return withToJson(parse(text, null, EXACT) as JsonValue)
}

// `JSON.stringify` throws on a bigint, which is no answer to who prints an event. Where it matters, in a body that is
// sent, `printJson` prints whole numbers.
let exactly = false

function toJson(this: JsonObject): unknown {
  if (exactly) return { ...this }
  const plain = Object.entries(this).map(([key, member]) => [key, typeof member === 'bigint' ? String(member) : member])
  return Object.fromEntries(plain)
}

function withToJson(value: JsonValue): JsonValue {
  if (Array.isArray(value)) value.forEach(withToJson)
  if (!isObject(value)) return value
  const members = Object.values(value)
  members.forEach(withToJson)
  if (members.some((member) => typeof member === 'bigint') && !Object.hasOwn(value, 'toJSON'))
    Object.defineProperty(value, 'toJSON', { value: toJson, enumerable: false, configurable: true, writable: true })
  return value
}

/** True when a number in the text is too long for a double, or seems to be: `JSON.parse` alone would lose digits of it. */
export function mayLoseDigits(text: string): boolean {
  // Sixteen digits in a row have one at every sixteenth place, and another eight before or behind it: looking there is
  // ten times as fast as a regular expression, which would cost as much as the parsing.
  for (let at = LONG - 1; at < text.length; at += LONG) {
    if (!isDigit(text.charCodeAt(at))) continue
    if (!isDigit(text.charCodeAt(at - LONG / 2)) && !isDigit(text.charCodeAt(at + LONG / 2))) continue
    let from = at
    let to = at + 1
    while (isDigit(text.charCodeAt(from - 1))) from--
    while (isDigit(text.charCodeAt(to))) to++
    // Within an id or a name something else stands before them.
    if (to - from >= LONG && (from === 0 || '-:[, \t\r\n'.includes(text.charAt(from - 1)))) return true
    at = to - 1
  }
  return false
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

// Of a member that comes twice the last counts, as in JSON.parse.
const EXACT: ParseOptions = { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue }

function exactNumber(digits: string): number | bigint {
  const value = Number(digits)
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(digits) ? value : BigInt(digits)
}

/** Prints JSON, `bigint` as a plain number. `undefined` members are left out. `indent` spaces make it many lines. */
export function printJson(value: unknown, indent?: number): string {
  exactly = true
  try {
    return JSON.stringify(value, null, indent) ?? 'null'
  } catch {
    // A bigint, which the native way refuses.
    return stringify(value, null, indent) ?? 'null'
  } finally {
    exactly = false
  }
}

/** True for a JSON object (not null, not an array). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Member `key` when it is an object, else an empty one. */
export function objectAt(value: unknown, key: string): JsonObject {
  const member = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return isObject(member) ? member : {}
}

/** Canonical text of a JSON value: keys sorted at every depth. Two equal values print the same. */
export function canonicalJson(value: JsonValue | undefined): string {
  if (value === undefined) return 'undefined'
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`
  if (!isObject(value)) return printJson(value)
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`)
  return `{${members.join(',')}}`
}

/** Member `key` when it is a text, else an empty one. */
export function textAt(value: unknown, key: string): string {
  const member = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return typeof member === 'string' ? member : ''
}

/** True for what Go leaves out or prints as its zero value: absent, null, "", 0, false, [], {}. */
export function isZero(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0
}
