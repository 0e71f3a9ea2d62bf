import type { Log } from '../base/ports.ts'
import { silentLog } from '../base/system.ts'
import type { RefreshPorts } from '../refresh/index.ts'
import { createApp } from './app.ts'
import { authenticate } from './auth.ts'
import type { Client } from './context.ts'
import { createFailureLimit } from './failure-limit.ts'
import { LOOPBACK_HOSTS } from './guard.ts'
import { createJobs, type RefreshSetup } from './jobs.ts'
import { healthRoute } from './routes/health.ts'
import { jobRoutes } from './routes/jobs.ts'
import { refreshRoute } from './routes/refresh.ts'
import { createTokenCheck, type NamedToken } from './tokens.ts'

export interface ServiceOptions {
  readonly ports: RefreshPorts
  /** Which images and containers a refresh is about. Requests choose among these targets, never others. */
  readonly setup: RefreshSetup
  /** Whoever bears one of them may do everything. At least one, of at least 16 characters. */
  readonly tokens: readonly NamedToken[]
  /** Names in `Host` that are answered to, besides those of loopback. */
  readonly hosts?: readonly string[] | undefined
  /** Asks the engine for a sign of life, for `/healthz`. Default its API version. */
  readonly ping?: (() => Promise<unknown>) | undefined
  readonly log?: Log | undefined
}

/** The admin service, without a socket. */
export interface Service {
  /** Answers one request; fits into any server that speaks fetch. */
  fetch(request: Request, client?: Client): Promise<Response>
  /**
   * Takes no more jobs and ends the running one at a safe point.
   *
   * @returns whether it ended within `ms`; if not, the next refresh or recover ends what it left
   */
  stop(ms: number): Promise<boolean>
}

/**
 * The admin service: a refresh that a release pipeline asks for over HTTP.
 *
 * @throws InputError `CONFIG_INVALID` without a token, or with a weak one
 */
export function createService(options: ServiceOptions): Service {
  const { ports, setup, log = silentLog } = options
  const { clock, random, engine } = ports
  const tokens = createTokenCheck(options.tokens)
  const hosts = new Set([...LOOPBACK_HOSTS, ...(options.hosts ?? []).map((host) => host.toLowerCase())])
  const jobs = createJobs({ ports, setup, clock, random, observer: {} })

  const app = createApp({ clock, random, log, hosts })
  app.use('/admin/*', authenticate(tokens, createFailureLimit({ clock })))
  healthRoute(app, { ping: options.ping ?? (() => engine.apiVersion()), clock })
  refreshRoute(app, { jobs, setup, clock })
  jobRoutes(app, { jobs, clock })

  return {
    fetch: async (request, client = {}) => app.fetch(request, client),
    stop: (ms) => jobs.stop(ms),
  }
}
