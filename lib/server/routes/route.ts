import type { Hono } from 'hono'

import { fail, type AppContext, type AppEnv } from '../context.ts'

type Handler = (c: AppContext) => Response | Promise<Response>

/** Answers one method of a path, and every other one with 405. `GET` stands for `HEAD` as well. */
export function route(app: Hono<AppEnv>, method: 'GET' | 'POST', path: string, handler: Handler): void {
  app.on(method, path, handler)
  const allow = method === 'GET' ? 'GET, HEAD' : 'POST'
  app.all(path, (c) => fail(c, 405, { error: `use ${method}` }, { Allow: allow }))
}
