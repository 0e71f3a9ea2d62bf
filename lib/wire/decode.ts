import { ProtocolError, type ApiError } from '../base/errors.ts'
import { parseJson, type JsonValue } from '../base/json.ts'
import { decode, type Decoder } from '../stream/decode.ts'
import type { Output } from '../stream/frames.ts'
import { statusError, type Where } from './failure.ts'
import type { WireResponse } from './transport.ts'

/** The longest JSON or text answer that is read whole, in bytes: 64 MiB. */
const MAX_BODY_BYTES = 64 << 20

const MAX_ERROR_BYTES = 64 << 10

/** The whole body as text. @throws ProtocolError above 64 MiB */
export function readText(response: WireResponse): Promise<string> {
  return readUpTo(response, MAX_BODY_BYTES, false)
}

/** The error of an answer whose status is none of success. */
export async function readError(response: WireResponse, where: Where): Promise<ApiError> {
  const body = await readUpTo(response, MAX_ERROR_BYTES, true)
  return statusError(response.status, response.headers['content-type'] ?? '', body, where)
}

async function readUpTo(response: WireResponse, limit: number, cut: boolean): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    chunks.push(chunk)
    size += chunk.length
    if (size <= limit) continue
    if (cut) break
    throw new ProtocolError('PROTOCOL_VIOLATION', `the engine's answer is longer than ${limit} bytes`)
  }
  return Buffer.concat(chunks).toString('utf8', 0, Math.min(size, limit))
}

/** @throws ProtocolError `PROTOCOL_VIOLATION` when the text is not JSON */
export function parseBody(text: string, { method, path }: Pick<Where, 'method' | 'path'>): JsonValue {
  try {
    return parseJson(text)
  } catch (cause) {
    throw new ProtocolError(
      'PROTOCOL_VIOLATION',
      `the engine's answer to ${method} ${path} is not JSON (${text.length} characters)`,
      { method, path, cause },
    )
  }
}

/** Chunks as they come. */
export const asTheyCome: Decoder<Uint8Array> = { push: (chunk, out) => void out.push(chunk), end: () => {} }

/** Output of a process with a TTY: one stream, without frames. */
export const rawDecoder: Decoder<Output> = {
  push: (data, out) => void out.push({ stream: 'stdout', data }),
  end: () => {},
}

/** Bytes → output of a process with a TTY. */
export function rawOutput(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Output, undefined, undefined> {
  return decode(chunks, rawDecoder)
}

/**
 * Tells raw output from frames. Only "multiplexed" is taken at its word: below API 1.42 every such stream is called
 * raw (moby docs/CHANGELOG, v1.42), and podman names no type for logs.
 */
export async function isRaw(contentType: string | undefined, isTty: () => Promise<boolean>): Promise<boolean> {
  return contentType?.includes('multiplexed-stream') === true ? false : await isTty()
}
