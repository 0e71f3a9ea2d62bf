import type { JsonValue } from '../base/json.ts'
import type { Redactor } from '../base/redact.ts'
import { decode, type Decoder } from '../stream/decode.ts'
import { FrameDecoder, type Output } from '../stream/frames.ts'
import { NdjsonDecoder } from '../stream/ndjson.ts'
import { TimestampedFrames, TimestampedText } from '../stream/timestamps.ts'
import { answer } from './answer.ts'
import { untilLeft, withDeadline, type Deadline } from './deadline.ts'
import { asTheyCome, isRaw, parseBody, rawDecoder, readError, readText } from './decode.ts'
import { traceRequest, type Trace } from './diagnostics.ts'
import { connectionFailure, untilAborted, type Where } from './failure.ts'
import { hijack, type Hijacked } from './hijack.ts'
import {
  prepared,
  type CallOptions,
  type Changed,
  type HeadResult,
  type Operation,
  type OperationSource,
} from './operation.ts'
import { isRepeatable, toRequest, type Manner } from './request.ts'
import { redactorOf, withoutSecrets } from './sent-secrets.ts'
import type { Transport, WireResponse } from './transport.ts'
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
  bytes(operation: OperationSource): AsyncGenerator<Uint8Array, undefined, undefined>
  /** JSON values, one a line. */
  lines<T>(operation: OperationSource, shape: Shape<T>, reading?: Reading<T>): AsyncGenerator<T, undefined, undefined>
  /** Output of a container; `isTty` is asked where the content type does not tell, until the signal fires. */
  frames(
    operation: OperationSource,
    isTty: (signal: AbortSignal | undefined) => Promise<boolean>,
  ): AsyncGenerator<Output, undefined, undefined>
  /** A raw connection, `tcp` or another protocol. */
  upgrade(operation: Operation): Promise<Hijacked>
  /** The API version in use, after negotiation. */
  version(): Promise<string>
  /** Whether the engine is podman; asked once, when the version is negotiated or when it is first of interest. */
  isPodman(call?: CallOptions): Promise<boolean>
}

export interface WireOptions {
  readonly transport: Transport
  readonly negotiator: Negotiator
  readonly isPodman: () => Promise<boolean>
  /** The endpoint as a URL, for messages. */
  readonly endpoint: string
  readonly validate: Validation
}

/** A line to one engine: transport, version negotiation, the status check, decoders. */
export function createWire({ transport, negotiator, isPodman, endpoint, validate }: WireOptions): Wire {
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
    source: OperationSource,
    decoderOf: (operation: Operation, response: WireResponse) => Decoder<T> | Promise<Decoder<T>>,
    reading: Reading<T> = {},
  ): AsyncGenerator<T, undefined, undefined> {
    const make = prepared(source)
    let decoder: Decoder<T> | undefined
    let deadline: Deadline | undefined
    let trace: Trace | undefined
    let left: AbortSignal | undefined
    const dispose = (): void => deadline?.[Symbol.dispose]()
    const chunks = answer({
      open: async (signal) => {
        left = signal
        deadline = withDeadline(untilLeft(make(), signal))
        const { operation } = deadline
        await reading.begin?.(operation.call ?? {})
        trace = traceRequest(whereOf(operation))
        const response = await send(operation, 'streaming', trace)
        try {
          decoder = await decoderOf(operation, response)
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

  function checkEach<T>(operation: Operation, shape: Shape<T>, reading: Reading<T> | undefined) {
    const check = checkerOf(shape, validate, operation)
    const each = reading?.each
    if (each === undefined) return check
    let redact: Redactor | undefined
    const clean = (value: JsonValue) => withoutSecrets(value, () => (redact ??= redactorOf(operation)))
    return (value: JsonValue): T | undefined => each(check(clean(value)))
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
    lines: (source, shape, reading) =>
      streamed(source, (operation) => new NdjsonDecoder(checkEach(operation, shape, reading)), reading),
    frames: (source, isTty) =>
      streamed(source, async ({ query, call }, { headers }) => {
        const isPlain = await isRaw(headers['content-type'], () => isTty(call?.signal))
        if (query?.['timestamps'] === true) return isPlain ? new TimestampedText() : new TimestampedFrames()
        return isPlain ? rawDecoder : new FrameDecoder()
      }),
    upgrade,
    version: () => negotiator.current(),
    isPodman: (call) => untilAborted(isPodman(), call?.signal, { method: 'GET', path: '/_ping', endpoint }),
  }
}
