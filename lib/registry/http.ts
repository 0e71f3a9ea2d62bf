import type { IncomingHttpHeaders } from 'node:http'
import type { LookupFunction } from 'node:net'

import type { Dispatcher, Pool } from 'undici'

import { ProtocolError, TimeoutError } from '../base/errors.ts'
import { AddressRefused, isPublicAddress, literalAddress, publicOnly } from './addresses.ts'
import { connectionFailure } from './failure.ts'
import { CONNECT_TIMEOUT, MAX_ERROR_BYTES, PER_HOST } from './limits.ts'
import { trusting } from './trust.ts'

/** One request to a registry or token server. Redirects are never followed here. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
  /** Bytes of a successful body above which the answer is an error; other bodies are cut at 64 KiB. */
  readonly maxBytes: number
  /** `public` refuses, at connect time, addresses that a stranger may not send us to. */
  readonly addresses: 'any' | 'public'
  readonly signal?: AbortSignal | undefined
}

export interface HttpResponse {
  /** What was asked: behind a redirect another URL than at first. */
  readonly url: URL
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Sends single requests. */
export interface Http {
  /** @throws ConnectionError `REGISTRY_UNAVAILABLE`, `TLS`; TimeoutError, AbortedError, ProtocolError */
  send(request: HttpRequest): Promise<HttpResponse>
  close(): Promise<void>
}

export interface HttpOptions {
  /** Certificates in PEM that are trusted beside those of Node. */
  readonly ca?: string | readonly string[] | undefined
  readonly lookup: LookupFunction
  /** Milliseconds for one request as a whole. */
  readonly timeout: number
}

/** HTTP over undici's pools, loaded with the first request. Certificates are always verified. */
export function createHttp({ ca, lookup, timeout }: HttpOptions): Http {
  const pools = new Map<string, Promise<Pool>>()
  const poolOf = (origin: string, addresses: HttpRequest['addresses']): Promise<Pool> => {
    const key = `${addresses} ${origin}`
    const known = pools.get(key)
    if (known !== undefined) return known
    const guarded = addresses === 'any' ? lookup : publicOnly(lookup)
    const connect = { ...trusting(ca), timeout: CONNECT_TIMEOUT, lookup: guarded, rejectUnauthorized: true }
    const pool = import('undici/lib/dispatcher/pool.js').then(
      ({ default: PoolClass }) => new PoolClass(origin, { connect, connections: PER_HOST, pipelining: 1 }),
    )
    pools.set(key, pool)
    return pool
  }

  return {
    send: async (request) => {
      const { url, addresses } = request
      const literal = literalAddress(url.hostname)
      if (addresses === 'public' && literal !== undefined && !isPublicAddress(literal))
        throw connectionFailure(new AddressRefused(literal, literal), request)
      const pool = await poolOf(url.origin, addresses)
      return await exchange(pool, request, timeout)
    },
    close: async () => {
      const open = await Promise.all(pools.values())
      pools.clear()
      await Promise.all(open.map((pool) => pool.destroy()))
    },
  }
}

function exchange(pool: Dispatcher, request: HttpRequest, timeout: number): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined
    let head: Omit<HttpResponse, 'body'> | undefined
    let size = 0
    let settled = false
    const chunks: Buffer[] = []
    const settle = (error: Error | undefined): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      request.signal?.removeEventListener('abort', onAbort)
      if (error === undefined && head !== undefined) resolve({ ...head, body: Buffer.concat(chunks) })
      else reject(connectionFailure(error ?? new Error('no answer'), request))
    }
    const stop = (error?: Error): void => {
      settle(error)
      controller?.abort(error ?? new Error('enough was read'))
    }
    const onAbort = (): void => stop(request.signal?.reason as Error)
    const { host } = request.url
    const timer = setTimeout(() => stop(new TimeoutError('TIMEOUT', `${host} took longer than ${timeout} ms`)), timeout)
    request.signal?.addEventListener('abort', onAbort, { once: true })
    if (request.signal?.aborted === true) {
      onAbort()
      return
    }

    pool.dispatch(toDispatch(request, timeout), {
      onRequestStart: (started) => {
        controller = started
        if (settled) started.abort(new Error('ended before it began'))
      },
      onResponseStart: (_, status, headers) => {
        if (status >= 200) head = { url: request.url, status, headers }
      },
      onResponseData: (_, chunk) => {
        const ok = head !== undefined && head.status < 300
        const limit = ok ? request.maxBytes : MAX_ERROR_BYTES
        const room = limit - size
        size += chunk.length
        chunks.push(chunk.subarray(0, Math.max(room, 0)))
        if (size <= limit) return
        stop(
          ok
            ? new ProtocolError('PROTOCOL_VIOLATION', `the answer of ${host} is longer than ${limit} bytes`)
            : undefined,
        )
      },
      onResponseEnd: () => settle(undefined),
      onResponseError: (_, error) => settle(error),
    })
  })
}

function toDispatch(request: HttpRequest, timeout: number): Dispatcher.DispatchOptions {
  return {
    method: request.method,
    path: `${request.url.pathname}${request.url.search}`,
    // No compression: a bomb of it would pass the limits above.
    headers: { 'accept-encoding': 'identity', 'user-agent': 'dockline', ...request.headers },
    body: request.body ?? null,
    headersTimeout: timeout,
    bodyTimeout: timeout,
    reset: false, // undici closes the connection after each HEAD otherwise
  }
}
