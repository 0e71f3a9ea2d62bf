import { DEFAULT_RETRY_AFTER, MAX_RETRY_AFTER } from './limits.ts'

/**
 * Milliseconds that a `Retry-After` asks for, in seconds or as an HTTP date: between 0 and an hour, whatever it says. What
 * cannot be read counts as a minute.
 *
 * @param now wall time, in milliseconds since the epoch
 */
export function retryAfter(header: string | undefined, now: number): number {
  const text = header?.trim() ?? ''
  const wait = /^\d{1,15}$/.test(text) ? Number(text) * 1000 : /[a-z]/i.test(text) ? Date.parse(text) - now : Number.NaN
  return Number.isNaN(wait) ? DEFAULT_RETRY_AFTER : Math.min(Math.max(wait, 0), MAX_RETRY_AFTER)
}
