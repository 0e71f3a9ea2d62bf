import type { MiddlewareHandler } from 'hono'

import { fail, type AppEnv } from './context.ts'
import type { FailureLimit } from './failure-limit.ts'
import type { TokenCheck } from './tokens.ts'

/**
 * Lets a request in whose `Authorization` header bears a known token; nothing else authenticates, no cookie and no query.
 * Every refusal is the same 401. After too many wrong tokens an address has to wait, also with the right one: else the
 * answer would tell whether a guess was right. A request without the header is no guess.
 */
export function authenticate(tokens: TokenCheck, limit: FailureLimit): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const address = c.env?.address ?? 'unknown'
    const wait = limit.wait(address)
    if (wait > 0)
      return fail(c, 429, { error: 'too many failed attempts from this address' }, { 'Retry-After': String(wait) })
    const given = c.req.header('authorization')
    const name = tokens.nameOf(given)
    if (name === undefined) {
      if (given !== undefined) limit.failed(address)
      return fail(c, 401, { error: 'admin auth required' }, { 'WWW-Authenticate': 'Bearer' })
    }
    c.set('by', name)
    return next()
  }
}
