import { Counter, Gauge, Histogram, Registry } from 'prom-client'

import type { Clock } from '../base/ports.ts'
import type { RefreshReport } from '../refresh/index.ts'
import type { JobObserver } from './jobs.ts'
import type { Recovery } from './recovery.ts'
import type { Watcher, WatcherState } from './watcher.ts'

/** What the service counts. Names have their units; times are seconds. */
export interface Metrics extends JobObserver {
  /** The text format of Prometheus. */
  text(): Promise<string>
  readonly contentType: string
  request(route: string, method: string, status: number): void
  hook(hook: string, outcome: 'accepted' | 'ignored' | 'repeated' | 'refused'): void
  notification(outcome: 'delivered' | 'failed' | 'dropped'): void
  registryRequest(registry: string, outcome: string): void
  engineRequest(operation: string, outcome: string, seconds: number): void
}

const DOWNTIME_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300]
const REFRESH_BUCKETS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800]
const ENGINE_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10, 30, 60]

/** Counters of one service, in a registry of their own. */
export function createMetrics(
  { now }: Pick<Clock, 'now'>,
  watcher: Pick<Watcher, 'state'>,
  recovery: Pick<Recovery, 'open'> = { open: () => [] },
): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
    new Counter({ name: `dockline_${name}`, help, labelNames, registers })
  const histogram = <L extends string>(
    name: string,
    help: string,
    buckets: number[],
    ...labelNames: L[]
  ): Histogram<L> => new Histogram({ name: `dockline_${name}`, help, buckets, labelNames, registers })

  const pulls = counter('pulls_total', 'Images looked after, by outcome.', 'target', 'outcome')
  const pulledBytes = counter('pulled_bytes_total', 'Bytes that engines downloaded for pulls.')
  const moved = counter('replacements_total', 'Containers dealt with, by outcome.', 'outcome')
  const rollBacks = counter('roll_backs_total', 'Containers that went back to their old image.')
  const downtime = histogram(
    'downtime_seconds',
    'From the stop of a container to its successor running.',
    DOWNTIME_BUCKETS,
  )
  const refreshes = histogram(
    'refresh_duration_seconds',
    'Refreshes, by the HTTP status of their result.',
    REFRESH_BUCKETS,
    'status',
  )
  const running = new Gauge({ name: 'dockline_refresh_running', help: '1 while a refresh runs.', registers })
  const requests = counter('http_requests_total', 'Requests to this service.', 'route', 'method', 'status')
  const hooks = counter('hooks_total', 'Webhooks of registries, by outcome.', 'hook', 'outcome')
  const notifications = counter('notifications_total', 'Notifications, by outcome.', 'outcome')
  const registryRequests = counter(
    'registry_requests_total',
    'Questions to registries, by outcome.',
    'registry',
    'outcome',
  )
  const engine = histogram(
    'engine_request_duration_seconds',
    'Calls of the Engine API, body included.',
    ENGINE_BUCKETS,
    'operation',
    'outcome',
  )
  const watch = (name: string, help: string, value: (state: WatcherState) => number | undefined): void => {
    const gauge = new Gauge({
      name: `dockline_watch_${name}`,
      help: `${help}; absent without a watcher.`,
      registers,
      collect() {
        const state = watcher.state()
        const known = state === undefined ? undefined : value(state)
        if (known !== undefined) this.set(known)
      },
    })
    gauge.remove() // else it would be 0 until the first look
  }
  watch('lag_seconds', 'Since the watcher has looked at everything and all was well', ({ lookedAt }) =>
    lookedAt === null ? undefined : (now() - Date.parse(lookedAt)) / 1000,
  )
  watch('failures', 'Looks of the watcher that failed in a row', ({ failures }) => failures)

  const open = new Gauge({
    name: 'dockline_open_operations',
    help: 'Replacements that are not at their end, by what the last recovery came to.',
    labelNames: ['outcome'],
    registers,
    collect() {
      for (const wanted of ['failed', 'busy'])
        this.set({ outcome: wanted }, recovery.open().filter(({ outcome }) => outcome === wanted).length)
    },
  })
  open.reset()

  const count = ({ images, containers, durationMs }: RefreshReport, status: number): void => {
    refreshes.observe({ status: String(status) }, durationMs / 1000)
    for (const { target, outcome, bytes } of images) {
      pulls.inc({ target, outcome })
      pulledBytes.inc(bytes)
    }
    for (const { outcome, downtimeMs } of containers) {
      moved.inc({ outcome })
      if (outcome === 'rolled-back') rollBacks.inc()
      if (downtimeMs !== undefined) downtime.observe(downtimeMs / 1000)
    }
  }

  return {
    begins: async ({ request }) => {
      if (!request.dryRun) running.set(1)
    },
    ended: async (job) => {
      const { request, report, status = 0 } = job.record()
      if (request.dryRun) return
      running.set(0)
      if (report !== undefined) count(report, status)
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
    request: (route, method, status) => requests.inc({ route, method, status: String(status) }),
    hook: (hook, outcome) => hooks.inc({ hook, outcome }),
    notification: (outcome) => notifications.inc({ outcome }),
    registryRequest: (host, outcome) => registryRequests.inc({ registry: host, outcome }),
    engineRequest: (operation, outcome, seconds) => engine.observe({ operation, outcome }, seconds),
  }
}
