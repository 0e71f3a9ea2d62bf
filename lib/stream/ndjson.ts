import { ProtocolError, printable } from '../base/errors.ts'
import { mayLoseDigits, parseJson, type JsonValue } from '../base/json.ts'
import { decode, type Decoder } from './decode.ts'
import { BlockDecoder } from './lines.ts'

const CR = 13
const OPEN = 0x7b
const CLOSE = 0x7d
const RECORD_SEPARATOR = 0x1e
const BYTE_ORDER_MARK = 0xfeff

/**
 * Bytes → JSON values, one for each line. Reads NDJSON, JSON Lines and JSON text sequences (RFC 7464, the engine's
 * `application/json-seq`), skips blank lines and a byte order mark.
 *
 * @throws ProtocolError `PROTOCOL_VIOLATION` on a line that is not JSON, and on a last line that was cut
 */
export function ndjson(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JsonValue, undefined, undefined> {
  return decode(chunks, new NdjsonDecoder((value) => value))
}

/** The state machine of {@link ndjson}; every value goes through `each`, which may throw or pass it over by `undefined`. */
export class NdjsonDecoder<T> implements Decoder<T> {
  readonly #blocks = new BlockDecoder()
  readonly #each: (value: JsonValue) => T | undefined

  constructor(each: (value: JsonValue) => T | undefined) {
    this.#each = each
  }

  push(chunk: Uint8Array, out: T[]): void {
    const blocks: string[] = []
    try {
      this.#blocks.push(chunk, blocks)
    } finally {
      this.#parse(blocks, out)
    }
  }

  end(out: T[]): void {
    const blocks: string[] = []
    this.#blocks.end(blocks)
    this.#parse(blocks, out)
  }

  #parse(blocks: readonly string[], out: T[]): void {
    for (const lines of blocks) {
      const parse = mayLoseDigits(lines) ? parseJson : (JSON.parse as typeof parseJson)
      const values = parseTogether(lines, parse)
      if (values !== undefined) for (const value of values) this.#give(value, out)
      else for (const line of lines.split('\n')) this.#give(parseLine(line, parse), out)
    }
  }

  #give(parsed: JsonValue | undefined, out: T[]): void {
    const value = parsed === undefined ? undefined : this.#each(parsed)
    if (value !== undefined) out.push(value)
  }
}

// Many lines at once cost a seventh less than one after the other. Only where each looks like an object and gives one: else
// some are blank, begin with a separator or are not JSON, and each has to be looked at.
function parseTogether(lines: string, parse: typeof parseJson): readonly JsonValue[] | undefined {
  const count = countObjects(lines)
  if (count === 0) return undefined
  try {
    if (count === 1) return [parse(lines)]
    const values = parse(`[${lines.replaceAll('\n', ',')}]`) as readonly JsonValue[]
    return values.length === count ? values : undefined
  } catch {
    return undefined
  }
}

/** How many lines there are, all of which begin and end as an object; 0 when one does not. */
function countObjects(lines: string): number {
  let count = 0
  for (let from = 0; ;) {
    const at = lines.indexOf('\n', from)
    const to = at < 0 ? lines.length : at
    const last = lines.charCodeAt(to - 1) === CR ? to - 2 : to - 1
    if (lines.charCodeAt(from) !== OPEN || lines.charCodeAt(last) !== CLOSE) return 0
    count++
    if (at < 0) return count
    from = at + 1
  }
}

function parseLine(line: string, parse: typeof parseJson): JsonValue | undefined {
  const code = line.charCodeAt(0)
  const text = code === RECORD_SEPARATOR || code === BYTE_ORDER_MARK ? line.slice(1) : line
  if (text === '') return undefined
  try {
    return parse(text)
  } catch (cause) {
    if (text.trim() === '') return undefined
    throw new ProtocolError('PROTOCOL_VIOLATION', `the stream holds a line that is not JSON: ${printable(text, 120)}`, {
      cause,
    })
  }
}
