import { AbortedError, hasCode, type DockerError } from '../base/errors.ts'
import type { Env } from '../base/ports.ts'
import { connector } from './connector.ts'
import { Connections, openLazily, type Connection } from './connections.ts'
import { endpointUrl, type Endpoint } from './endpoint.ts'
import { Exchange } from './exchange.ts'
import { connectionFailure } from './failure.ts'
import type { Transport, WireRequest, WireResponse } from './transport.ts'
import { upload, type Upload } from './upload.ts'

export interface UndiciTransportOptions {
  /** Milliseconds to connect; default 5,000, over ssh 30,000. A call may have its own. */
  readonly connectTimeout?: number | undefined
  /** Connections for short calls; default 16, over ssh 4. Streams have connections of their own, without a limit. */
  readonly connections?: number | undefined
  /** What an ssh child process gets; default `process.env`. */
  readonly env?: Env | undefined
}

/** The transport that speaks to a real engine. */
export function undiciTransport(endpoint: Endpoint, options: UndiciTransportOptions = {}): Transport {
  const ssh = endpoint.kind === 'ssh'
  const connect = connector(endpoint, options.env ?? process.env)
  const where = { origin: originOf(endpoint), keepAlive: ssh ? 30_000 : 4000 }
  const open = (timeout: number): Connection => openLazily({ connect, ...where }, timeout)
  const short = new Connections(options.connections ?? (ssh ? 4 : 16), open)
  const connectTimeout = options.connectTimeout ?? (ssh ? 30_000 : 5000)
  const url = endpointUrl(endpoint)
  const active = new Set<Exchange>()
  const closing = new Set<Promise<void>>()
  let closed: DockerError | undefined

  // An engine closes connections that were idle for long, and one may close just when it is used again. That looks like a
  // lost reply; of what changes nothing it is asked again, once.
  function request(request: WireRequest): Promise<WireResponse> {
    if (!isHarmless(request)) return attempt(request)
    const sent = performance.now()
    let isUnanswered: (() => boolean) | undefined
    return attempt(request, (silence) => (isUnanswered = silence)).catch((error: unknown) => {
      if (closed !== undefined || isUnanswered?.() !== true || !hasCode(error, 'CONNECTION_LOST')) throw error
      return attempt({ ...request, totalTimeout: left(request.totalTimeout, performance.now() - sent) })
    })
  }

  // `onUsed` is called when it goes over a connection that was used before.
  function attempt(request: WireRequest, onUsed?: (silence: () => boolean) => void): Promise<WireResponse> {
    const { signal, method } = request
    const place = { method, path: withoutQuery(request.path), endpoint: url }
    const body = isUpload(request.body) ? upload(request.body, `${method} ${place.path}`) : undefined
    const alone = request.streaming === true || request.upgrade === true
    let connection: Connection | undefined
    let leaveQueue: (() => void) | undefined
    let timer: NodeJS.Timeout | undefined

    const exchange = new Exchange({
      signal,
      fail: (cause) => connectionFailure(cause, place, signal),
      onEnd: (reusable) => {
        active.delete(exchange)
        clearTimeout(timer)
        leaveQueue?.()
        body?.leave()
        // Later, because undici is in the middle of the answer.
        if (connection !== undefined) queueMicrotask(() => release(connection as Connection, alone, reusable))
      },
    })
    if (closed !== undefined || signal?.aborted === true) {
      exchange.abort(closed ?? signal?.reason)
      return exchange.response
    }
    active.add(exchange)
    const timeout = request.connectTimeout ?? connectTimeout
    const send = (taken: Connection, used: boolean): void => {
      connection = taken
      if (used) onUsed?.(taken.silence())
      const { totalTimeout = 0 } = request
      if (totalTimeout > 0) timer = setTimeout(() => exchange.abort(tooLong(totalTimeout)), totalTimeout)
      taken.client.dispatch(toDispatch(request, body), exchange)
    }
    if (alone) send(open(timeout), false)
    else leaveQueue = short.take(timeout, send)
    return exchange.response
  }

  function release(connection: Connection, alone: boolean, reusable: boolean): void {
    const keep = reusable && !alone && closed === undefined
    if (!keep) discard(connection)
    if (!alone) short.give(connection, keep)
  }

  function discard(connection: Connection): void {
    const gone = connection.destroy(closed ?? new Error('not needed any more')).finally(() => closing.delete(gone))
    closing.add(gone)
  }

  return {
    request,
    close: async () => {
      closed ??= new AbortedError('ABORTED', `the client for ${url} is closed`)
      for (const exchange of active) exchange.abort(closed)
      for (const connection of short.clear()) discard(connection)
      await Promise.resolve() // after which those of the aborted calls are on their way too
      await Promise.all(closing)
    },
  }
}

function isHarmless({ method, body, streaming, upgrade }: WireRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && body === undefined && streaming !== true && upgrade !== true
}

// 0 is no deadline.
function left(total: number | undefined, passed: number): number | undefined {
  return total === undefined || total === 0 ? total : Math.max(1, total - passed)
}

// As undici's own, whose timers begin anew with every byte and every 1xx.
function tooLong(ms: number): Error {
  return Object.assign(new Error(`no whole answer within ${ms} ms`), { code: 'UND_ERR_BODY_TIMEOUT' })
}

function toDispatch(request: WireRequest, body: Upload | undefined): Parameters<Connection['client']['dispatch']>[0] {
  const { upgrade, Upgrade, ...headers } = (request.headers ?? {}) as Record<string, string>
  return {
    method: request.method,
    path: request.path,
    headers,
    body: (body ?? request.body ?? null) as Buffer | string | null, // an async iterable is taken too, untyped
    headersTimeout: request.headersTimeout,
    bodyTimeout: request.idleTimeout,
    // Uploads end their connection: dockerd may answer before it read all, and what is left would be taken for a request.
    reset: body !== undefined,
    ...(request.upgrade === true ? { upgrade: upgrade ?? Upgrade ?? 'tcp' } : {}),
  }
}

function isUpload(body: WireRequest['body']): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && !(body instanceof Uint8Array)
}

function originOf(endpoint: Endpoint): string {
  return endpoint.kind === 'tcp' ? `http://${endpoint.host}:${endpoint.port}` : 'http://docker'
}

function withoutQuery(path: string): string {
  const mark = path.indexOf('?')
  return mark < 0 ? path : path.slice(0, mark)
}
