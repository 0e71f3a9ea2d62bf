import type { Hono } from 'hono'

import type { Clock } from '../../base/ports.ts'
import type { AppEnv } from '../context.ts'
import type { Recovery } from '../recovery.ts'
import type { Watcher } from '../watcher.ts'
import { within } from '../within.ts'
import { route } from './route.ts'

export interface HealthOptions {
  /** Asks the engine for a sign of life. */
  readonly ping: () => Promise<unknown>
  readonly watcher: Pick<Watcher, 'isFailing'>
  readonly recovery: Pick<Recovery, 'open'>
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>
}

const GOOD_FOR = 5000
const PATIENCE = 3000

/**
 * `GET /healthz`: 200, or 503 when the engine does not answer, the watcher fails again and again, or a replacement was
 * left unfinished that could not be recovered yet; with an empty body, for it asks nobody who he is. How many are not at
 * their end is in `Dockline-Open-Operations`. The engine is asked every 5 s at most.
 */
export function healthRoute(app: Hono<AppEnv>, { ping, watcher, recovery, clock }: HealthOptions): void {
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
    const open = recovery.open()
    const isStuck = open.some(({ outcome }) => outcome === 'failed')
    const isHealthy = (await asked.answers) && !watcher.isFailing() && !isStuck
    const headers = { 'Content-Length': '0', 'Dockline-Open-Operations': String(open.length) }
    return c.body(null, isHealthy ? 200 : 503, headers)
  })
}
