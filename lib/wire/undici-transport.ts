import type { Pool as PoolType } from 'undici'
import Pool from 'undici/lib/dispatcher/pool.js'

import { endpointUrl, type Endpoint } from './endpoint.ts'
import { Exchange } from './exchange.ts'
import { connectionFailure } from './failure.ts'
import type { Transport, WireRequest, WireResponse } from './transport.ts'

export interface UndiciTransportOptions {
  /** Milliseconds to connect; default 5,000. */
  readonly connectTimeout?: number | undefined
  /** Connections kept for short calls; default 16. Streams have connections of their own, without a limit. */
  readonly connections?: number | undefined
}

/** The transport that speaks to a real engine: two undici pools, one for short calls, one for streams. */
export function undiciTransport(endpoint: Endpoint, options: UndiciTransportOptions = {}): Transport {
  const connect = {
    timeout: options.connectTimeout ?? 5000,
    ...(endpoint.kind === 'unix' ? { socketPath: endpoint.socketPath } : {}),
  }
  const origin = endpoint.kind === 'unix' ? 'http://docker' : `http://${endpoint.host}:${endpoint.port}`
  const short = new Pool(origin, { connect, connections: options.connections ?? 16, pipelining: 1 })
  const long = new Pool(origin, { connect, pipelining: 1 })
  const url = endpointUrl(endpoint)

  return {
    request: (request) => dispatch(request.streaming === true || request.upgrade === true ? long : short, request, url),
    close: async () => {
      await Promise.all([short.destroy(), long.destroy()])
    },
  }
}

function dispatch(pool: PoolType, request: WireRequest, endpoint: string): Promise<WireResponse> {
  const where = { method: request.method, path: withoutQuery(request.path), endpoint }
  const exchange = new Exchange((cause) => connectionFailure(cause, where, request.signal), request.signal)
  if (request.signal?.aborted === true) return exchange.response
  pool.dispatch(
    {
      method: request.method,
      path: request.path,
      headers: { ...request.headers },
      body: (request.body ?? null) as Buffer | string | null, // an async iterable is taken too, untyped
      headersTimeout: request.headersTimeout,
      bodyTimeout: request.idleTimeout,
      // Uploads end their connection: dockerd may answer before it read all, and what is left would be taken for a request.
      reset: typeof request.body === 'object' && !(request.body instanceof Uint8Array),
      ...(request.upgrade === true ? { upgrade: request.protocol ?? 'tcp' } : {}),
    },
    exchange,
  )
  return exchange.response
}

function withoutQuery(path: string): string {
  const mark = path.indexOf('?')
  return mark < 0 ? path : path.slice(0, mark)
}
