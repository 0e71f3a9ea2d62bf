import { ApiError } from '../base/errors.ts'
import type { Clock, Random } from '../base/ports.ts'
import { isReset } from './failure.ts'
import type { Http, HttpRequest, HttpResponse } from './http.ts'
import { MAX_PATIENCE, PER_HOST } from './limits.ts'
import { retryAfter } from './retry-after.ts'

/** When a request is sent again: GET, HEAD and the request for a token, which change nothing. */
export const RETRY = {
  tries: 3,
  /** Milliseconds before the second try; ×`factor` for each further one, ± a quarter. */
  base: 500,
  factor: 3,
  statuses: [408, 429, 500, 502, 503, 504],
} as const

export type Send = (request: HttpRequest, tries?: number) => Promise<HttpResponse>

interface Host {
  running: number
  readonly waiting: (() => void)[]
  /** Monotonic time until which the host wants to be left alone. */
  quietUntil: number
}

export interface PatienceOptions {
  readonly http: Http
  readonly clock: Clock
  readonly random: Random
}

/**
 * Sends with patience: two requests to a host at a time, three tries where another may help, and none at all while a host
 * wants to be left alone. That is per host, so that one registry's limits never delay another.
 *
 * The returned function throws ApiError `RATE_LIMITED` with `facts.retryAfterMs`, besides what {@link Http.send} throws.
 */
export function createPatience({ http, clock, random }: PatienceOptions): Send {
  const hosts = new Map<string, Host>()

  const attempt = async (request: HttpRequest): Promise<HttpResponse> => {
    const host = hostOf(hosts, request.url.host)
    await enter(host, request.signal)
    try {
      const quiet = host.quietUntil - clock.monotonic()
      if (quiet > MAX_PATIENCE) throw rateLimited(request, quiet)
      if (quiet > 0) await clock.sleep(quiet, request.signal)
      const response = await http.send(request)
      // Before the next in the queue has its turn.
      const wait = response.status === 429 ? headerOf(response, 'retry-after') : undefined
      if (wait !== undefined) host.quietUntil = clock.monotonic() + retryAfter(wait, clock.now())
      return response
    } finally {
      leave(host)
    }
  }

  // Milliseconds until the next try; `undefined` when the outcome stands.
  const pause = (outcome: HttpResponse | undefined, request: HttpRequest, count: number, last: boolean) => {
    if (outcome !== undefined && !RETRY.statuses.some((status) => status === outcome.status)) return undefined
    const backoff = RETRY.base * RETRY.factor ** (count - 1) * (0.75 + random.fraction() / 2)
    const header = outcome?.status === 429 ? headerOf(outcome, 'retry-after') : undefined
    if (outcome?.status === 429 && (last || header !== undefined)) {
      const asked = retryAfter(header, clock.now())
      if (header === undefined) hostOf(hosts, request.url.host).quietUntil = clock.monotonic() + asked
      if (last || asked > MAX_PATIENCE) throw rateLimited(request, asked)
    }
    return last ? undefined : backoff
  }

  return async (request, tries = RETRY.tries) => {
    for (let count = 1; ; count++) {
      const last = count >= tries
      const outcome = await attempt(request).catch((error: unknown) => {
        if (!last && isReset(error)) return undefined
        throw error
      })
      const wait = pause(outcome, request, count, last)
      if (outcome !== undefined && wait === undefined) return outcome
      await clock.sleep(wait ?? 0, request.signal)
    }
  }
}

/** A header that comes once; of several, the first. */
export function headerOf(response: Pick<HttpResponse, 'headers'>, name: string): string | undefined {
  const value = response.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function hostOf(hosts: Map<string, Host>, name: string): Host {
  const known = hosts.get(name)
  if (known !== undefined) return known
  const host: Host = { running: 0, waiting: [], quietUntil: 0 }
  hosts.set(name, host)
  return host
}

async function enter(host: Host, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  if (host.running < PER_HOST) {
    host.running++
    return
  }
  await new Promise<void>((resolve, reject) => {
    const go = (): void => {
      signal?.removeEventListener('abort', leaveQueue)
      resolve()
    }
    const leaveQueue = (): void => {
      host.waiting.splice(host.waiting.indexOf(go), 1)
      reject(signal?.reason as Error)
    }
    signal?.addEventListener('abort', leaveQueue, { once: true })
    host.waiting.push(go)
  })
}

// The place goes to the next in the queue, or becomes free.
function leave(host: Host): void {
  const next = host.waiting.shift()
  if (next === undefined) host.running--
  else next()
}

function rateLimited({ method, url }: HttpRequest, wait: number): ApiError {
  const seconds = Math.ceil(wait / 1000)
  return new ApiError('RATE_LIMITED', `${url.host} limits the rate of requests: ask again in ${seconds} s, or log in`, {
    status: 429,
    method,
    path: url.pathname,
    facts: { host: url.host, retryAfterMs: wait },
  })
}
