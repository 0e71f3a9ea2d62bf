import type { Hono } from 'hono'

import type { Clock } from '../../base/ports.ts'
import type { AppEnv } from '../context.ts'
import type { Watcher } from '../watcher.ts'
import { within } from '../within.ts'
import { route } from './route.ts'

export interface HealthOptions {
  /** Asks the engine for a sign of life. */
  readonly ping: () => Promise<unknown>
  readonly watcher: Pick<Watcher, 'isFailing'>
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>
}

const GOOD_FOR = 5000
const PATIENCE = 3000

/**
 * `GET /healthz`: 200, or 503 when the engine does not answer or the watcher fails again and again; with an empty body,
 * for it asks nobody who he is. The engine is asked every 5 s at most.
 */
export function healthRoute(app: Hono<AppEnv>, { ping, watcher, clock }: HealthOptions): void {
  let asked: { readonly at: number; readonly answers: Promise<boolean> } | undefined
  const engineAnswers = async (): Promise<boolean> => {
    const pong = ping().then(
      () => true,
      () => false,
    )
    return (await within(pong, PATIENCE, clock)) === true
  }
  route(app, 'GET', '/healthz', async (c) => {
    if (asked === undefined || clock.monotonic() - asked.at > GOOD_FOR)
      asked = { at: clock.monotonic(), answers: engineAnswers() }
    const isHealthy = (await asked.answers) && !watcher.isFailing()
    return c.body(null, isHealthy ? 200 : 503, { 'Content-Length': '0' })
  })
}
