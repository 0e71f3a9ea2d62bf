import type { Hono } from 'hono'

import type { AppEnv } from '../context.ts'
import type { Metrics } from '../metrics.ts'
import { route } from './route.ts'

/** `GET /metrics` in the text format of Prometheus. */
export function metricsRoute(app: Hono<AppEnv>, metrics: Metrics): void {
  route(app, 'GET', '/metrics', async (c) =>
    c.newResponse(await metrics.text(), 200, { 'Content-Type': metrics.contentType }),
  )
}
