import type { Hono } from 'hono'

import type { Clock } from '../../base/ports.ts'
import type { AppEnv } from '../context.ts'
import { route } from './route.ts'

export interface HealthOptions {
  /** Asks the engine for a sign of life. */
  readonly ping: () => Promise<unknown>
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>
}

const GOOD_FOR = 5000
const PATIENCE = 3000

/** `GET /healthz`: 200 or 503 with an empty body, for it asks nobody who he is. The engine is asked every 5 s at most. */
export function healthRoute(app: Hono<AppEnv>, { ping, clock }: HealthOptions): void {
  let asked: { readonly at: number; readonly healthy: Promise<boolean> } | undefined
  const look = async (): Promise<boolean> => {
    const answered = new AbortController()
    const alive = ping().then(
      () => true,
      () => false,
    )
    const late = clock.sleep(PATIENCE, answered.signal).then(
      () => false,
      () => false,
    )
    const healthy = await Promise.race([alive, late])
    answered.abort()
    return healthy
  }
  route(app, 'GET', '/healthz', async (c) => {
    if (asked === undefined || clock.monotonic() - asked.at > GOOD_FOR)
      asked = { at: clock.monotonic(), healthy: look() }
    return c.body(null, (await asked.healthy) ? 200 : 503, { 'Content-Length': '0' })
  })
}
