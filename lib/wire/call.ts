import type { Duplex } from 'node:stream'

import { ProtocolError, TimeoutError, type ApiError } from '../base/errors.ts'
import { parseJson, printJson, type JsonValue } from '../base/json.ts'
import { frames, type Output } from '../stream/frames.ts'
import { ndjson } from '../stream/ndjson.ts'
import { statusError } from './failure.ts'
import type { Feature } from './gates.ts'
import { encodeQuery, type Query } from './query.ts'
import type { Transport, WireRequest, WireResponse } from './transport.ts'
import { checkShape, type Shape, type Validation } from './validate.ts'
import { requireFeatures, type Negotiator } from './version.ts'

/** Cancellation and deadlines of one call; the last parameter of every operation. */
export interface CallOptions {
  /** Ends the call at once, wherever it is. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until the answer begins; 0 waits for ever. Default 30,000, for waits and streams none. */
  readonly headersTimeout?: number | undefined
  /** Milliseconds of silence inside the answer; 0 waits for ever. Default 30,000, for streams none. */
  readonly idleTimeout?: number | undefined
  /** Milliseconds for the whole call, body included. Default none. */
  readonly timeout?: number | undefined
}

/** A request of the Engine API, before its version is known. */
export interface Operation {
  readonly method: WireRequest['method']
  /** Path without version prefix. */
  readonly path: string
  readonly query?: Query | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is, for instance a tar. */
  readonly raw?: { readonly type: string; readonly body: Uint8Array | AsyncIterable<Uint8Array> } | undefined
  /** Features that the API version must have. */
  readonly needs?: readonly Feature[] | undefined
  /** `_ping` and nothing else. */
  readonly unversioned?: boolean | undefined
  readonly call?: CallOptions | undefined
}

/** 304 is not an error: the goal was reached already. */
export interface Changed {
  readonly changed: boolean
}

export interface HeadResult {
  readonly headers: Readonly<Record<string, string>>
}

/** The closed set of decoders. An operation is a request plus one of them. */
export interface Wire {
  json<T>(operation: Operation, shape: Shape<T>): Promise<T>
  none(operation: Operation): Promise<Changed>
  head(operation: Operation): Promise<HeadResult>
  text(operation: Operation): Promise<string>
  bytes(operation: Operation): AsyncGenerator<Uint8Array, void, undefined>
  lines<T>(operation: Operation, shape: Shape<T>): AsyncGenerator<T, void, undefined>
  /** Output of a container; raw when it has a TTY. Without `tty` the content type tells, from API 1.42 on. */
  frames(operation: Operation, tty?: boolean): AsyncGenerator<Output, void, undefined>
  upgrade(operation: Operation): Promise<Upgraded>
  /** The API version in use, after negotiation. */
  version(): Promise<string>
}

/** A raw connection to a process in a container. */
export interface Upgraded {
  readonly socket: Duplex
  readonly contentType: string
}

const UNARY_TIMEOUT = 30_000
const MAX_JSON_BYTES = 64 << 20
const MAX_ERROR_BYTES = 64 << 10

export interface WireOptions {
  readonly transport: Transport
  readonly negotiator: Negotiator
  /** The endpoint as a URL, for messages. */
  readonly endpoint: string
  readonly validate: Validation
}

/** A line to one engine: transport, version negotiation, the status check, decoders. */
export function createWire({ transport, negotiator, endpoint, validate }: WireOptions): Wire {
  // Sends, and sends once more when the engine refused the version and named its own.
  async function send(operation: Operation, streaming: boolean, mayRetry = true): Promise<WireResponse> {
    const version = operation.unversioned === true ? undefined : await negotiator.current()
    if (version !== undefined) requireFeatures(version, operation.needs ?? [])
    const response = await transport.request(toRequest(operation, version, streaming))
    if (response.status < 300 || response.status === 304) return response
    const error = await readError(response, operation, endpoint)
    const renegotiated = version !== undefined && negotiator.renegotiate(error, response.headers['api-version'])
    if (renegotiated && mayRetry) return send(operation, streaming, false)
    throw error
  }

  const whole = async <T>(operation: Operation, read: (response: WireResponse) => Promise<T>): Promise<T> => {
    using deadline = withDeadline(operation)
    return await read(await send(deadline.operation, false))
  }

  async function* streamed<T>(
    operation: Operation,
    read: (response: WireResponse) => AsyncIterable<T>,
  ): AsyncGenerator<T, void, undefined> {
    using deadline = withDeadline(operation)
    const response = await send(deadline.operation, true)
    try {
      yield* read(response)
    } finally {
      response.body.cancel()
    }
  }

  return {
    json: (operation, shape) =>
      whole(operation, async (response) => {
        const value = parseBody(await readText(response, MAX_JSON_BYTES), operation)
        return checkShape(shape, value, validate, operation)
      }),
    none: (operation) =>
      whole(operation, async (response) => {
        await readText(response, MAX_ERROR_BYTES)
        return { changed: response.status !== 304 }
      }),
    head: (operation) =>
      whole(operation, async (response) => {
        await readText(response, MAX_ERROR_BYTES)
        return { headers: response.headers }
      }),
    text: (operation) => whole(operation, (response) => readText(response, MAX_JSON_BYTES)),
    bytes: (operation) => streamed(operation, ({ body }) => body),
    lines: (operation, shape) =>
      streamed(operation, async function* ({ body }) {
        for await (const value of ndjson(body)) yield checkShape(shape, value, validate, operation)
      }),
    frames: (operation, tty) =>
      streamed(operation, ({ body, headers }) =>
        (tty ?? headers['content-type']?.includes('raw-stream') === true) ? rawOutput(body) : frames(body),
      ),
    upgrade: async (operation) => {
      const response = await send({ ...operation, headers: { ...operation.headers, Upgrade: 'tcp' } }, true)
      if (response.socket !== undefined)
        return { socket: response.socket, contentType: response.headers['content-type'] ?? '' }
      response.body.cancel()
      throw new ProtocolError(
        'PROTOCOL_VIOLATION',
        `${operation.method} ${operation.path} was not upgraded (status ${response.status}): does a proxy strip "Upgrade"?`,
      )
    },
    version: () => negotiator.current(),
  }
}

function toRequest(operation: Operation, version: string | undefined, streaming: boolean): WireRequest {
  const { call } = operation
  const headers: Record<string, string> = { ...operation.headers }
  if (operation.json !== undefined) headers['Content-Type'] = 'application/json'
  if (operation.raw !== undefined) headers['Content-Type'] = operation.raw.type
  return {
    method: operation.method,
    path: `${version === undefined ? '' : `/v${version}`}${operation.path}${encodeQuery(operation.query)}`,
    headers,
    body: operation.raw?.body ?? (operation.json === undefined ? undefined : printJson(operation.json)),
    signal: call?.signal,
    streaming,
    upgrade: headers['Upgrade'] !== undefined,
    headersTimeout: call?.headersTimeout ?? (streaming ? 0 : UNARY_TIMEOUT),
    idleTimeout: call?.idleTimeout ?? (streaming ? 0 : UNARY_TIMEOUT),
  }
}

function withDeadline(operation: Operation): Disposable & { operation: Operation } {
  const { call } = operation
  if (call?.timeout === undefined || call.timeout === 0) return { operation, [Symbol.dispose]: () => {} }
  const { timeout } = call
  const controller = new AbortController()
  const timer = setTimeout(() => {
    const { method, path } = operation
    controller.abort(
      new TimeoutError(
        'TIMEOUT',
        `${method} ${path} took longer than ${timeout} ms; whether it took effect is not known`,
        { method, path },
      ),
    )
  }, timeout)
  const signal = call.signal === undefined ? controller.signal : AbortSignal.any([call.signal, controller.signal])
  return { operation: { ...operation, call: { ...call, signal } }, [Symbol.dispose]: () => clearTimeout(timer) }
}

async function readError(response: WireResponse, operation: Operation, endpoint: string): Promise<ApiError> {
  const body = await readText(response, MAX_ERROR_BYTES, true)
  return statusError(response.status, response.headers['content-type'] ?? '', body, {
    method: operation.method,
    path: operation.path,
    endpoint,
  })
}

async function readText(response: WireResponse, limit: number, cut = false): Promise<string> {
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

function parseBody(text: string, { method, path }: Operation): JsonValue {
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

async function* rawOutput(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Output, void, undefined> {
  for await (const data of chunks) yield { stream: 'stdout', data }
}
