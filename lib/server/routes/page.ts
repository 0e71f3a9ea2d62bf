import type { Hono } from 'hono'

import type { AppContext, AppEnv } from '../context.ts'
import { PAGE_SCRIPT } from '../page/script.ts'
import { shell } from '../page/shell.ts'
import { PAGE_STYLE } from '../page/style.ts'
import { route } from './route.ts'

// Script and style only from here, requests only to here, nothing inline, nothing framed.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** `GET /`: the page, without data; and its script and style. */
export function pageRoutes(app: Hono<AppEnv>): void {
  route(app, 'GET', '/', page)
  route(app, 'GET', '/page.js', (c) =>
    c.newResponse(PAGE_SCRIPT, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }),
  )
  route(app, 'GET', '/page.css', (c) => c.newResponse(PAGE_STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
}

async function page(c: AppContext): Promise<Response> {
  c.header('Content-Security-Policy', POLICY)
  c.header('Cross-Origin-Opener-Policy', 'same-origin')
  return c.newResponse(String(await shell()), 200, { 'Content-Type': 'text/html; charset=utf-8' })
}
