import { ProtocolError, printable } from '../base/errors.ts'
import { mayLoseDigits, parseJson, type JsonValue } from '../base/json.ts'
import { decode, type Decoder } from './decode.ts'
import { BlockDecoder } from './lines.ts'

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
      // Engines send a chunk a line, and splitting costs a quarter of its parsing.
      for (const line of lines.includes('\n') ? lines.split('\n') : [lines]) {
        const parsed = parseLine(line, parse)
        const value = parsed === undefined ? undefined : this.#each(parsed)
        if (value !== undefined) out.push(value)
      }
    }
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
