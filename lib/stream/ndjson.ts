import { ProtocolError, printable } from '../base/errors.ts'
import { parseJson, type JsonValue } from '../base/json.ts'
import { decode, type Decoder } from './decode.ts'
import { LineDecoder } from './lines.ts'

const RECORD_SEPARATOR = 0x1e
const BYTE_ORDER_MARK = 0xfeff

/**
 * Bytes → JSON values, one for each line. Reads NDJSON, JSON Lines and JSON text sequences (RFC 7464, the engine's
 * `application/json-seq`), skips blank lines and a byte order mark.
 *
 * @throws ProtocolError `PROTOCOL_VIOLATION` on a line that is not JSON, and on a last line that was cut
 */
export function ndjson(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JsonValue, undefined, undefined> {
  return decode(chunks, new NdjsonDecoder())
}

class NdjsonDecoder implements Decoder<JsonValue> {
  readonly #lines = new LineDecoder()

  push(chunk: Uint8Array, out: JsonValue[]): void {
    this.#parse((lines) => this.#lines.push(chunk, lines), out)
  }

  end(out: JsonValue[]): void {
    this.#parse((lines) => this.#lines.end(lines), out)
  }

  #parse(cut: (lines: string[]) => void, out: JsonValue[]): void {
    const lines: string[] = []
    try {
      cut(lines)
    } finally {
      for (const line of lines) value(line, out)
    }
  }
}

function value(line: string, out: JsonValue[]): void {
  const code = line.charCodeAt(0)
  const text = code === RECORD_SEPARATOR || code === BYTE_ORDER_MARK ? line.slice(1) : line
  if (text.trim() === '') return
  try {
    out.push(parseJson(text))
  } catch (cause) {
    throw new ProtocolError('PROTOCOL_VIOLATION', `the stream holds a line that is not JSON: ${printable(text, 120)}`, {
      cause,
    })
  }
}
