import { duplexPair, type Duplex } from 'node:stream'

import type { Clock } from '../../base/ports.ts'
import { connectionFailure, type Where } from '../../wire/failure.ts'
import type { Transport, WireBody, WireRequest, WireResponse } from '../../wire/transport.ts'
import type { Core } from './core.ts'
import { openLine, type Line } from './line.ts'
import { Cut, type Hijack, type Reply } from './reply.ts'

export interface ModelTransportOptions {
  readonly core: Core
  /** Time by which a request that may last is given up. */
  readonly clock: Clock
  /** Fires when the engine goes down; asked for anew at each call. */
  readonly down: () => AbortSignal
}

type Fail = (cause: unknown) => Error
type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/**
 * A line to the model without a socket: the whole engine in one process, quick enough for thousands of runs. Of the
 * deadlines of a request that of its first answer is kept, by the engine's clock, where the request is one that may last:
 * the others are answered at once.
 */
export function modelTransport({ core, clock, down }: ModelTransportOptions): Transport {
  return {
    request: async (request) => {
      const fail = failureOf(request)
      const engine = down()
      if (engine.aborted) throw fail(errno('ECONNREFUSED'))
      const line = openLine([request.signal, engine])
      try {
        const { method, path } = request
        const body = await collect(request.body)
        const work = core.handle({ method, path, headers: lowerCase(request), body, signal: line.signal })
        const reply = await Promise.race([work, line.broken, late(request, clock, work, line)])
        return response(reply, request, line, fail)
      } catch (error) {
        line.done()
        throw fail(error instanceof Cut || line.signal.aborted ? errno('ECONNRESET') : error)
      }
    },
    close: async () => {},
  }
}

// Rejects when the deadline is over. The client leaves then, and the engine goes on.
async function late(
  { streaming, headersTimeout }: WireRequest,
  clock: Clock,
  work: Promise<Reply>,
  line: Line,
): Promise<never> {
  if (streaming !== true || headersTimeout === 0) return line.broken
  const over = new AbortController()
  const answered = (): void => over.abort(new Cut('it was answered'))
  work.then(answered, answered)
  line.broken.catch(answered)
  try {
    await clock.sleep(headersTimeout, over.signal)
  } catch {
    return line.broken
  }
  throw errno('UND_ERR_HEADERS_TIMEOUT')
}

function failureOf({ method, path, signal }: WireRequest): Fail {
  const where: Where = { method, path: path.replace(/\?.*$/s, ''), endpoint: 'model://engine' }
  return (cause) => connectionFailure(cause, where, signal)
}

function response(reply: Reply, { method }: WireRequest, line: Line, fail: Fail): WireResponse {
  const { status, body } = reply
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(reply.headers ?? {})) headers[name.toLowerCase()] = value
  if (body?.type !== undefined) headers['content-type'] = body.type
  if (body === undefined || method === 'HEAD') return { status, headers, body: wholeBody(undefined, line) }
  if ('stream' in body) return { status, headers, body: streamedBody(body.stream, line, fail) }
  if ('hijack' in body) return { status, headers, body: wholeBody(undefined, line), socket: hijacked(body.hijack) }
  return { status, headers, body: wholeBody('text' in body ? Buffer.from(body.text) : body.bytes, line) }
}

function hijacked(serve: Hijack): Duplex {
  const [ours, theirs] = duplexPair()
  serve(ours).catch(() => ours.destroy())
  return theirs
}

function wholeBody(bytes: Uint8Array | undefined, line: Line): WireBody {
  line.done()
  async function* read(): AsyncGenerator<Uint8Array, void, undefined> {
    if (bytes !== undefined) yield bytes
  }
  return { [Symbol.asyncIterator]: read, cancel: () => {} }
}

function streamedBody(chunks: Chunks, line: Line, fail: Fail): WireBody {
  const leave = (): void => line.hangUp(new Cut('the reader left'))
  async function* read(): AsyncGenerator<Uint8Array, void, undefined> {
    const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
    try {
      for (;;) {
        const next = await Promise.race([iterator.next(), line.broken])
        if (next.done === true) return
        yield next.value
      }
    } catch (error) {
      throw fail(error instanceof Cut || line.signal.aborted ? errno('ECONNRESET') : error)
    } finally {
      leave()
      // Not waited for: it may hang at an await of its own, from which the broken line wakes it.
      Promise.resolve(iterator.return?.()).catch(() => undefined)
    }
  }
  const iterator = read()
  return {
    [Symbol.asyncIterator]: () => iterator,
    cancel: () => {
      leave()
      iterator.return().catch(() => undefined)
    },
  }
}

function lowerCase({ headers, body, upgrade }: WireRequest): Record<string, string> {
  const lower: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers ?? {})) lower[name.toLowerCase()] = value
  if (upgrade === true) lower['upgrade'] ??= 'tcp'
  if (typeof body === 'string') lower['content-length'] = String(Buffer.byteLength(body))
  return lower
}

async function collect(body: WireRequest['body']): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array()
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array) return body
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function errno(code: string): Error {
  return Object.assign(new Error(code), { code })
}
