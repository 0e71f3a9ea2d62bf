import type { HttpResponse } from './http.ts'
import { headerOf } from './patience.ts'

/** How much a registry still allows, where it tells: Docker Hub does. */
export interface RateLimit {
  /** Requests in a window. */
  readonly limit: number | undefined
  readonly remaining: number | undefined
  /** Length of the window in seconds. */
  readonly window: number | undefined
  /** Whom it counts: an address or an account, as the registry names it. */
  readonly source: string | undefined
}

/** Reads `ratelimit-limit: 100;w=21600`, `ratelimit-remaining` and `docker-ratelimit-source`. */
export function readRateLimit(response: Pick<HttpResponse, 'headers'>): RateLimit | undefined {
  const limit = quota(headerOf(response, 'ratelimit-limit'))
  const remaining = quota(headerOf(response, 'ratelimit-remaining'))
  if (limit === undefined && remaining === undefined) return undefined
  const source = headerOf(response, 'docker-ratelimit-source')
  return {
    limit: limit?.count,
    remaining: remaining?.count,
    window: limit?.window ?? remaining?.window,
    source: source !== undefined && /^[\w.:-]{1,100}$/.test(source) ? source : undefined,
  }
}

function quota(header: string | undefined): { count: number; window: number | undefined } | undefined {
  const match = /^(\d{1,9})(?:;w=(\d{1,9}))?$/.exec(header?.trim() ?? '')
  if (match === null) return undefined
  return { count: Number(match[1]), window: match[2] === undefined ? undefined : Number(match[2]) }
}
