import { ProtocolError, printable } from '../base/errors.ts'
import { parseJson, type JsonValue } from '../base/json.ts'
import { LineDecoder } from './lines.ts'

/**
 * Bytes → JSON values, one for each line. Reads NDJSON, JSON Lines and JSON text sequences (RFC 7464, the engine's
 * `application/json-seq`), skips blank lines and a byte order mark.
 *
 * @throws ProtocolError `PROTOCOL_VIOLATION` on a line that is not JSON, and on a last line that was cut
 */
export async function* ndjson(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JsonValue, void, undefined> {
  const decoder = new LineDecoder()
  for await (const chunk of chunks) {
    for (const line of decoder.push(chunk)) {
      if (line.length > 0) yield* value(line)
    }
  }
  const last = decoder.end()
  if (last !== undefined) yield* value(last)
}

function* value(line: string): Generator<JsonValue, void, undefined> {
  const code = line.charCodeAt(0)
  const text = code === 0x1e || code === 0xfeff ? line.slice(1) : line
  if (text.trim() === '') return
  let parsed: JsonValue
  try {
    parsed = parseJson(text)
  } catch (cause) {
    throw new ProtocolError('PROTOCOL_VIOLATION', `the stream holds a line that is not JSON: ${printable(text, 120)}`, {
      cause,
    })
  }
  yield parsed
}
