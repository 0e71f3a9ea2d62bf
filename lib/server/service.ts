import type { Log } from '../base/ports.ts'
import type { Secret } from '../base/secret.ts'
import { silentLog } from '../base/system.ts'
import { recover, type RefreshPorts, type RefreshReport, type Target } from '../refresh/index.ts'
import { createApp } from './app.ts'
import { auditJobs, type Audit } from './audit.ts'
import { authenticate } from './auth.ts'
import { json, type Client } from './context.ts'
import { measureEngine } from './engine-metrics.ts'
import { createFailureLimit } from './failure-limit.ts'
import { LOOPBACK_HOSTS } from './guard.ts'
import type { HookName } from './hooks/release.ts'
import { createJobs, wholeRefresh, type RefreshSetup } from './jobs.ts'
import { createMetrics } from './metrics.ts'
import { createNotifier, type Post } from './notify.ts'
import { logJobs, observers } from './observers.ts'
import { openapiDocument } from './openapi.ts'
import { createRecovery } from './recovery.ts'
import { createReleases } from './releases.ts'
import { countAnswer, counted } from './remote.ts'
import { healthRoute } from './routes/health.ts'
import { hookRoutes } from './routes/hooks.ts'
import { jobRoutes } from './routes/jobs.ts'
import { metricsRoute } from './routes/metrics.ts'
import { overviewRoute } from './routes/overview.ts'
import { pageRoutes } from './routes/page.ts'
import { refreshRoute } from './routes/refresh.ts'
import { route } from './routes/route.ts'
import { createTokenCheck, type NamedToken } from './tokens.ts'
import { createWatcher } from './watcher.ts'
import { within } from './within.ts'

export interface ServiceOptions {
  /** `remote` is asked what registries have, for plans and the page. */
  readonly ports: RefreshPorts
  /** Which images and containers a refresh is about. Requests choose among these targets, never others. */
  readonly setup: RefreshSetup
  /** Whoever bears one of them may do everything. At least one, of at least 16 characters. */
  readonly tokens: readonly NamedToken[]
  /** Names in `Host` that are answered to, besides those of loopback. */
  readonly hosts?: readonly string[] | undefined
  /** Secrets of the webhooks that are taken. */
  readonly hooks?: Partial<Record<HookName, Secret>> | undefined
  /** Milliseconds that a webhook waits for others of the same release; default 1,000. */
  readonly settle?: number | undefined
  /** Told of every change of state. */
  readonly notify?: { readonly url: string; readonly secret: Secret; readonly post?: Post | undefined } | undefined
  /** Told of every call that may change something, before and after. Default the log. */
  readonly audit?: Audit | undefined
  /** Asks the engine for a sign of life, for `/healthz`. Default its version and state. */
  readonly ping?: (() => Promise<unknown>) | undefined
  readonly log?: Log | undefined
  /** Version in the OpenAPI document. */
  readonly version?: string | undefined
}

/** The admin service, without a socket. */
export interface Service {
  /** Answers one request; fits into any server that speaks fetch. */
  fetch(request: Request, client?: Client): Promise<Response>
  /**
   * Refreshes these targets as a job of this service, so that there is one refresh at a time, whoever asked: what a
   * watcher calls when it has found a new image.
   *
   * @param by shown in the records, for instance `watch`
   * @throws RefreshError `BUSY` while another one runs; what ended the refresh; AbortedError `ABORTED` when it stops
   */
  refresh(targets: readonly Target[], by: string): Promise<RefreshReport>
  /** Counts a question to a registry by its outcome, and passes that on. */
  asked<T>(registry: string, answer: Promise<T>): Promise<T>
  /** Notes that a watcher has looked at everything and all was well, or that it failed: for `/healthz` and metrics. */
  looked(isWell: boolean): void
  /** Ends, as soon as the engine lets it, what an earlier process left unfinished. What its own refreshes leave it ends anyway. */
  recover(): void
  /**
   * Takes no more jobs and ends the running one at a safe point.
   *
   * @returns whether it ended within `ms`; if not, the next refresh or recover ends what it left
   */
  stop(ms: number): Promise<boolean>
}

// Notifications of the last job get this long to be delivered at the end.
const FAREWELL = 2000

/**
 * The admin service: a refresh that a release pipeline asks for over HTTP.
 *
 * @throws InputError `CONFIG_INVALID` without a token, or with a weak one
 */
export function createService(options: ServiceOptions): Service {
  const { setup, log = silentLog } = options
  const { clock, random, engine } = options.ports
  const tokens = createTokenCheck(options.tokens)
  const hosts = new Set([...LOOPBACK_HOSTS, ...(options.hosts ?? []).map((host) => host.toLowerCase())])
  const watcher = createWatcher(clock)
  const scope = { selection: setup.selection, gate: setup.gate }
  const recovery = createRecovery({ recover: () => recover({ ...options.ports, ...scope }), clock, log })
  const metrics = createMetrics(clock, watcher, recovery)
  const remote = options.ports.remote && counted(options.ports.remote, metrics)
  const ports = { ...options.ports, remote }
  const measuring = measureEngine(metrics, () => clock.monotonic())
  const audit: Audit = options.audit ?? (async (entry) => log.info('audit', { ...entry }))
  const notifier =
    options.notify === undefined ? undefined : createNotifier({ ...options.notify, clock, random, log, metrics })
  const told = [auditJobs(audit, clock), metrics, logJobs(log), ...(notifier === undefined ? [] : [notifier]), recovery]
  const ready = () => recovery.idle()
  const jobs = createJobs({ ports, setup, clock, random, observer: observers(told, log), ready })
  recovery.start(jobs)
  const releases = createReleases({ jobs, setup, clock, log, settle: options.settle })

  const app = createApp({ clock, random, log, hosts, metrics })
  const auth = authenticate(tokens, createFailureLimit({ clock }))
  app.use('/admin/*', auth)
  app.use('/metrics', auth)
  healthRoute(app, { ping: options.ping ?? (() => engine.info()), watcher, recovery, clock })
  refreshRoute(app, { jobs, setup, clock })
  jobRoutes(app, { jobs, clock })
  overviewRoute(app, { ports, setup, jobs, watcher })
  hookRoutes(app, { secrets: options.hooks ?? {}, releases, limit: createFailureLimit({ clock }), clock, metrics })
  metricsRoute(app, metrics)
  pageRoutes(app)
  const document = openapiDocument(options.version ?? '0.0.0')
  route(app, 'GET', '/openapi.json', (c) => json(c, 200, document))

  return {
    fetch: async (request, client = {}) => app.fetch(request, client),
    refresh: async (targets, by) => {
      const labels = targets.map(({ label }) => label)
      const request = wholeRefresh(labels, setup)
      const { job, done } = await jobs.admit({ request, targets, by, requestId: random.id() })
      await done
      const { report } = job.record()
      if (report === undefined) throw job.thrown
      return report
    },
    asked: (host, answer) => countAnswer(metrics, host, answer),
    looked: (isWell) => watcher.looked(isWell),
    recover: () => recovery.look(),
    stop: async (ms) => {
      releases.stop()
      const inTime = await jobs.stop(ms)
      await within(recovery.stop(), ms, clock)
      if (notifier !== undefined) await within(notifier.idle(), FAREWELL, clock)
      notifier?.close()
      measuring[Symbol.dispose]()
      return inTime
    },
  }
}
