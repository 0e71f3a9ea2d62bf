import type { Dispatcher, Pool } from 'undici'

import { AbortedError, ConnectionError, TimeoutError, isDockerError, printable } from '../../base/errors.ts'

/** One request to the control plane. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Path with query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** Bytes of the answer that are read; the rest is not. */
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
}

export interface HttpReply {
  readonly status: number
  /** At most `maxBytes` of it. */
  readonly body: string
  /** Bytes that were read. */
  readonly size: number
}

/** The line to the control plane. Redirects are answers and never followed: a header with a secret goes nowhere else. */
export interface Http {
  /** @throws ConnectionError `CONNECTION_LOST`, TimeoutError, AbortedError: whether it took effect is not known */
  send(request: HttpRequest): Promise<HttpReply>
  close(): Promise<void>
}

const TIMEOUT = 120_000
const CONNECT_TIMEOUT = 10_000
const FIXED_HEADERS = {
  accept: 'application/json',
  'accept-encoding': 'identity',
  'content-type': 'application/json',
  'user-agent': 'dockline',
}

/** A line over an undici pool, which is loaded with the first request. `timeout` is for each request as a whole. */
export function controlPlaneHttp(baseUrl: string, timeout: number = TIMEOUT): Http {
  const { origin, pathname } = new URL(baseUrl)
  const prefix = pathname.replace(/\/+$/, '')
  let pool: Promise<Pool> | undefined
  return {
    send: async (request) => {
      pool ??= import('undici/lib/dispatcher/pool.js').then(
        ({ default: PoolClass }) => new PoolClass(origin, { connect: { timeout: CONNECT_TIMEOUT }, connections: 8 }),
      )
      const late = AbortSignal.timeout(timeout)
      const signal = request.signal === undefined ? late : AbortSignal.any([request.signal, late])
      try {
        return await exchange(await pool, { ...request, path: prefix + request.path, signal })
      } catch (cause) {
        throw failure(cause, origin, request.signal, late)
      }
    },
    close: async () => {
      const open = pool
      pool = undefined
      await (await open)?.destroy()
    },
  }
}

// On `dispatch`: the pool alone has no more, and its package as a whole takes 110 ms to load.
function exchange(pool: Pool, request: HttpRequest): Promise<HttpReply> {
  const { method, path, headers, body, maxBytes, signal } = request
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let [status, size] = [0, 0]
    let controller: Dispatcher.DispatchController | undefined
    const onAbort = (): void => {
      reject(signal?.reason as Error)
      controller?.abort(new Error('ended by its caller'))
    }
    const done = (): void => {
      signal?.removeEventListener('abort', onAbort)
      resolve({ status, size, body: Buffer.concat(chunks).toString('utf8') })
    }
    if (signal?.aborted === true) return onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    pool.dispatch(
      {
        method,
        path,
        headers: { ...FIXED_HEADERS, ...headers },
        body: body ?? null,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      {
        onRequestStart: (started) => {
          controller = started
          if (signal?.aborted === true) started.abort(new Error('ended by its caller'))
        },
        onResponseStart: (_, code) => {
          status = code
        },
        onResponseData: (line, chunk) => {
          const kept = chunk.subarray(0, maxBytes - size)
          chunks.push(kept)
          size += kept.length
          if (size < maxBytes) return
          done()
          line.abort(new Error('enough was read'))
        },
        onResponseEnd: done,
        onResponseError: (_, cause) => {
          signal?.removeEventListener('abort', onAbort)
          reject(cause)
        },
      },
    )
  })
}

function failure(cause: unknown, origin: string, signal: AbortSignal | undefined, late: AbortSignal): Error {
  if (isDockerError(cause)) return cause
  if (signal?.aborted === true)
    return isDockerError(signal.reason) ? signal.reason : new AbortedError('ABORTED', 'ended by its caller', { cause })
  const code = (cause as { code?: unknown }).code
  const reason = typeof code === 'string' ? code : cause instanceof Error ? cause.name : 'unknown'
  return late.aborted || reason.endsWith('TIMEOUT')
    ? new TimeoutError('TIMEOUT', `no answer in time from ${origin}: whether it took effect is not known`, { cause })
    : new ConnectionError('CONNECTION_LOST', `no line to ${origin} (${printable(reason, 80)})`, { cause })
}
