import { Hono } from 'hono'
import { routePath } from 'hono/route'

import type { Clock, Log, Random } from '../base/ports.ts'
import { messageOf } from '../base/errors.ts'
import { fail, type AppEnv } from './context.ts'
import { refuseForeign } from './guard.ts'
import type { Metrics } from './metrics.ts'

export interface AppOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly random: Pick<Random, 'id'>
  readonly log: Log
  /** The names this service goes by. */
  readonly hosts: ReadonlySet<string>
  readonly metrics: Pick<Metrics, 'request'>
}

const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

/** The app without its routes: request ids, one log line for each request, headers, and no entrance for other sites. */
export function createApp({ clock, random, log, hosts, metrics }: AppOptions): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.use(async (c, next) => {
    const begun = clock.monotonic()
    const request = random.id()
    c.set('requestId', request)
    await next()
    for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value)
    c.res.headers.set('X-Request-Id', request)
    // The route and never the URL: a webhook's path may hold its secret.
    const route = routePath(c, -1)
    const { method } = c.req
    metrics.request(route, method, c.res.status)
    if (route === '/healthz') return
    const ms = Math.round(clock.monotonic() - begun)
    log.info('request', { request, method, route, status: c.res.status, ms, by: c.get('by'), job: c.get('job') })
  })
  app.use(async (c, next) => {
    const refused = refuseForeign(c.req.raw.headers, hosts)
    return refused === undefined ? next() : fail(c, refused.status, { error: refused.error })
  })
  app.notFound((c) => fail(c, 404, { error: 'there is nothing at this path' }))
  app.onError((error, c) => {
    log.warn('request failed', { request: c.get('requestId'), error: messageOf(error) })
    return fail(c, 500, { error: 'something unexpected happened: the log of the service tells more' })
  })
  return app
}
