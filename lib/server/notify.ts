import { createHmac } from 'node:crypto'

import { messageOf } from '../base/errors.ts'
import type { Clock, Log, Random } from '../base/ports.ts'
import type { Secret } from '../base/secret.ts'
import { createChanges, type Change } from './changes.ts'
import type { JobObserver } from './jobs.ts'
import type { Metrics } from './metrics.ts'

/** Sends one POST and gives the status of its answer. */
export type Post = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number>

export interface NotifierOptions {
  readonly url: string
  /** Key of the signature. */
  readonly secret: Secret
  readonly clock: Clock
  readonly random: Pick<Random, 'id' | 'fraction'>
  readonly log: Log
  readonly metrics: Pick<Metrics, 'notification'>
  /** Default `fetch`, without redirects, 10 s. */
  readonly post?: Post | undefined
}

/** The body of a notification. */
export interface Notification {
  /** The same for every try: whoever gets one twice can tell. */
  readonly id: string
  /** RFC 3339. */
  readonly time: string
  readonly job: string
  readonly change: Change
}

/** Tells one URL of every change of state. */
export interface Notifier extends Required<Pick<JobObserver, 'ended'>> {
  /** Resolves when everything is told, or given up. */
  idle(): Promise<void>
  /** Gives up what is not told yet. */
  close(): void
}

const TRIES = 5
const FIRST_PAUSE = 1000
const MAX_WAITING = 100

/**
 * One after the other, so that their order holds. A refusal (4xx) is final; after other failures it waits four times as
 * long each time. Of more than 100 that wait the oldest are dropped.
 */
export function createNotifier({
  url,
  secret,
  clock,
  random,
  log,
  metrics,
  post = byFetch,
}: NotifierOptions): Notifier {
  const changes = createChanges()
  const closing = new AbortController()
  const waiting: Notification[] = []
  let working = Promise.resolve()
  let isWorking = false

  async function work(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const delivered = !closing.signal.aborted && (await deliver(next))
      metrics.notification(delivered ? 'delivered' : 'failed')
      if (!delivered) log.warn('notification given up', { id: next.id, job: next.job })
    }
    isWorking = false
  }

  async function deliver(notification: Notification): Promise<boolean> {
    const body = JSON.stringify(notification)
    for (let tried = 0; tried < TRIES; tried++) {
      if (tried > 0 && !(await pause(FIRST_PAUSE * 4 ** (tried - 1)))) return false
      try {
        const status = await post(url, signed(body), body)
        if (status >= 200 && status < 300) return true
        log.warn('notification refused', { id: notification.id, status })
        if (status < 500 && status !== 408 && status !== 429) return false
      } catch (error) {
        log.warn('notification failed', { id: notification.id, error: messageOf(error, 200) })
      }
    }
    return false
  }

  function signed(body: string): Record<string, string> {
    const timestamp = String(Math.floor(clock.now() / 1000))
    const signature = createHmac('sha256', secret.reveal()).update(`${timestamp}.${body}`).digest('hex')
    return {
      'Content-Type': 'application/json',
      'User-Agent': 'dockline',
      'Dockline-Timestamp': timestamp,
      'Dockline-Signature-256': `sha256=${signature}`,
    }
  }

  function pause(ms: number): Promise<boolean> {
    return clock.sleep(ms * (0.75 + random.fraction() / 2), closing.signal).then(
      () => true,
      () => false,
    )
  }

  return {
    ended: async (job) => {
      const time = new Date(clock.now()).toISOString()
      for (const change of changes.of(job.record())) waiting.push({ id: random.id(), time, job: job.id, change })
      for (const { id } of waiting.splice(0, waiting.length - MAX_WAITING)) {
        metrics.notification('dropped')
        log.warn('notification dropped: too many wait', { id })
      }
      if (isWorking || waiting.length === 0) return
      isWorking = true
      working = work()
    },
    idle: () => working,
    close: () => closing.abort(),
  }
}

async function byFetch(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<number> {
  const signal = AbortSignal.timeout(10_000)
  const response = await fetch(url, { method: 'POST', headers: { ...headers }, body, redirect: 'error', signal })
  await response.body?.cancel()
  return response.status
}
