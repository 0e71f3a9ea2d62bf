import { printJson, type JsonValue } from '../base/json.ts'
import type { Redactor } from '../base/redact.ts'
import { decode, type Decoder } from '../stream/decode.ts'
import { FrameDecoder, type Output } from '../stream/frames.ts'
import { NdjsonDecoder } from '../stream/ndjson.ts'
import { answer } from './answer.ts'
import { untilLeft, withDeadline, type Deadline } from './deadline.ts'
import { asTheyCome, isRaw, parseBody, rawDecoder, readError, readText } from './decode.ts'
import { traceRequest, type Trace } from './diagnostics.ts'
import { connectionFailure, untilAborted, type Where } from './failure.ts'
import { hijack, type Hijacked } from './hijack.ts'
import type { CallOptions, Changed, HeadResult, Operation } from './operation.ts'
import { encodeQuery } from './query.ts'
import { redactorOf, withoutSecrets } from './sent-secrets.ts'
import type { Transport, WireRequest, WireResponse } from './transport.ts'
import { checkShape, checkerOf, type Shape, type Validation } from './validate.ts'
import { requireFeatures, type Negotiator } from './version.ts'

export type { CallOptions, Changed, Operation } from './operation.ts'

/** Who watches over a stream that another reads. */
export interface Reading<T> {
  /** Called before anything is sent. Its signal also fires at the deadline of the call, and when the reader leaves. */
  begin?(call: CallOptions): Promise<void>
  /** Sees each value before the reader does; `undefined` passes it over. What it throws, the reader gets. */
  each?(this: void, value: T): T | undefined
  /** Called after a clean end; the reader is told of it when the promise resolves. */
  end?(call: CallOptions): Promise<void>
  /** Turns an error, whatever its source, into the one that the reader gets. */
  fail?(error: unknown): unknown
}

/** The closed set of decoders. An operation is a request plus one of them. */
export interface Wire {
  json<T>(operation: Operation, shape: Shape<T>): Promise<T>
  none(operation: Operation): Promise<Changed>
  head(operation: Operation): Promise<HeadResult>
  text(operation: Operation): Promise<string>
  bytes(operation: Operation): AsyncGenerator<Uint8Array, undefined, undefined>
  /** JSON values, one a line. */
  lines<T>(operation: Operation, shape: Shape<T>, reading?: Reading<T>): AsyncGenerator<T, undefined, undefined>
  /** Output of a container; `isTty` is asked where the content type does not tell, until the signal fires. */
  frames(
    operation: Operation,
    isTty: (signal: AbortSignal | undefined) => Promise<boolean>,
  ): AsyncGenerator<Output, undefined, undefined>
  /** A raw connection, `tcp` or another protocol. */
  upgrade(operation: Operation): Promise<Hijacked>
  /** The API version in use, after negotiation. */
  version(): Promise<string>
}

/** Milliseconds for a call that names no other deadline and whose operation has none. */
const UNARY_TIMEOUT = 30_000

export interface WireOptions {
  readonly transport: Transport
  readonly negotiator: Negotiator
  /** The endpoint as a URL, for messages. */
  readonly endpoint: string
  readonly validate: Validation
}

type Manner = 'short' | 'streaming' | 'upgrade'

/** A line to one engine: transport, version negotiation, the status check, decoders. */
export function createWire({ transport, negotiator, endpoint, validate }: WireOptions): Wire {
  const whereOf = ({ method, path }: Operation): Where => ({ method, path, endpoint })

  // A body that is not sent after all is freed here, else the transport does that.
  async function spoken(operation: Operation): Promise<string | undefined> {
    const { unversioned, version: pinned, needs, raw, call } = operation
    if (unversioned === true) return undefined
    try {
      const version = pinned ?? (await untilAborted(negotiator.current(), call?.signal, whereOf(operation)))
      requireFeatures(version, needs ?? [])
      return version
    } catch (error) {
      if (raw !== undefined && !(raw.body instanceof Uint8Array))
        raw.body[Symbol.asyncIterator]()
          .return?.()
          ?.catch(() => {}) // it says no more
      throw error
    }
  }

  // Sends, and sends once more when the engine refused the version and named its own.
  async function send(operation: Operation, manner: Manner, trace: Trace, again = true): Promise<WireResponse> {
    const version = await spoken(operation)
    const response = await transport.request(toRequest(operation, version, manner))
    trace.headers(response.status)
    if (response.status < 300 || response.status === 304) {
      operation.opened?.()
      return response
    }
    const error = await readError(response, { ...whereOf(operation), redact: redactorOf(operation) })
    const mayAgree = version !== undefined && operation.version === undefined
    const agreed = mayAgree && negotiator.renegotiate(error, response.headers['api-version'])
    if (agreed && again && isRepeatable(operation)) return send(operation, manner, trace, false)
    throw error
  }

  async function whole<T>(operation: Operation, read: (response: WireResponse) => Promise<T> | T): Promise<T> {
    using deadline = withDeadline(operation)
    const trace = traceRequest(whereOf(operation))
    try {
      return await read(await send(deadline.operation, operation.long === true ? 'streaming' : 'short', trace))
    } catch (error) {
      trace.error(error)
      throw error
    } finally {
      trace.end()
    }
  }

  // Decoded by the reader, in its own time: nothing is sent before it asks for something.
  function streamed<T>(
    operation: Operation,
    decoderOf: (response: WireResponse, signal: AbortSignal | undefined) => Decoder<T> | Promise<Decoder<T>>,
    reading: Reading<T> = {},
  ): AsyncGenerator<T, undefined, undefined> {
    let decoder: Decoder<T> | undefined
    let deadline: Deadline | undefined
    let trace: Trace | undefined
    let left: AbortSignal | undefined
    const dispose = (): void => deadline?.[Symbol.dispose]()
    const chunks = answer({
      open: async (signal) => {
        left = signal
        deadline = withDeadline(untilLeft(operation, signal))
        await reading.begin?.(deadline.operation.call ?? {})
        trace = traceRequest(whereOf(operation))
        const response = await send(deadline.operation, 'streaming', trace)
        try {
          decoder = await decoderOf(response, deadline.operation.call?.signal)
        } catch (error) {
          response.body.cancel()
          throw error
        }
        return response.body
      },
      closed: (error) => {
        // The deadline goes on while the end is looked into.
        if (reading.end === undefined || error !== undefined || left?.aborted === true) dispose()
        if (error !== undefined) trace?.error(error)
        trace?.end()
      },
    })
    return decode(chunks, {
      push: (chunk, out) => decoder?.push(chunk, out),
      end: (out) => decoder?.end(out) ?? reading.end?.(deadline?.operation.call ?? {}).finally(dispose),
      fail: (error) => {
        dispose()
        return reading.fail?.(error) ?? error
      },
    })
  }

  async function upgrade(operation: Operation): Promise<Hijacked> {
    const deadline = withDeadline(operation)
    const trace = traceRequest(whereOf(operation))
    const { signal } = deadline.operation.call ?? {}
    const fail = (cause: unknown) => connectionFailure(cause, whereOf(operation), signal)
    const closed = (error?: unknown): void => {
      deadline[Symbol.dispose]()
      if (error !== undefined) trace.error(error)
      trace.end()
    }
    try {
      return hijack(await send(deadline.operation, 'upgrade', trace), { fail, closed })
    } catch (error) {
      closed(error)
      throw error
    }
  }

  return {
    json: (operation, shape) =>
      whole(operation, async (response) =>
        checkShape(shape, parseBody(await readText(response), operation), validate, operation),
      ),
    none: (operation) =>
      whole(operation, async (response) => {
        await readText(response)
        return { changed: response.status !== 304 }
      }),
    head: (operation) =>
      whole(operation, async (response) => {
        await readText(response)
        return { headers: response.headers }
      }),
    text: (operation) => whole(operation, readText),
    bytes: (operation) => streamed(operation, () => asTheyCome),
    lines: (operation, shape, reading) => {
      const check = checkerOf(shape, validate, operation)
      const each = reading?.each
      let redact: Redactor | undefined
      const clean = (value: JsonValue) => withoutSecrets(value, () => (redact ??= redactorOf(operation)))
      const checkEach = each === undefined ? check : (value: JsonValue) => each(check(clean(value)))
      return streamed(operation, () => new NdjsonDecoder(checkEach), reading)
    },
    frames: (operation, isTty) =>
      streamed(operation, async ({ headers }, signal) =>
        (await isRaw(headers['content-type'], () => isTty(signal))) ? rawDecoder : new FrameDecoder(),
      ),
    upgrade,
    version: () => negotiator.current(),
  }
}

function toRequest(operation: Operation, version: string | undefined, manner: Manner): WireRequest {
  const { call } = operation
  const patience = manner === 'short' ? (operation.patience ?? UNARY_TIMEOUT) : 0
  const headersTimeout = call?.headersTimeout ?? patience
  const idleTimeout = call?.idleTimeout ?? patience
  return {
    method: operation.method,
    path: `${version === undefined ? '' : `/v${version}`}${operation.path}${encodeQuery(operation.query)}`,
    headers: headersOf(operation),
    body: operation.raw?.body ?? (operation.json === undefined ? undefined : printJson(operation.json)),
    signal: call?.signal,
    streaming: manner !== 'short',
    upgrade: manner === 'upgrade',
    connectTimeout: call?.connectTimeout,
    headersTimeout,
    idleTimeout,
    totalTimeout: total(patience, headersTimeout, idleTimeout),
  }
}

// A caller who grants an answer more time than usual grants it to the whole.
function total(patience: number, headersTimeout: number, idleTimeout: number): number {
  if (patience === 0 || headersTimeout === 0 || idleTimeout === 0) return 0
  return Math.max(patience, headersTimeout > patience ? headersTimeout : 0, idleTimeout > patience ? idleTimeout : 0)
}

function headersOf({ headers, json, raw, protocol }: Operation): Record<string, string> {
  const type = raw?.type ?? (json === undefined ? undefined : 'application/json')
  return {
    ...headers,
    ...(type === undefined ? {} : { 'Content-Type': type }),
    ...(protocol === undefined ? {} : { Upgrade: protocol }),
  }
}

// A body that was read once cannot be sent again.
function isRepeatable({ raw }: Operation): boolean {
  return raw === undefined || raw.body instanceof Uint8Array
}
