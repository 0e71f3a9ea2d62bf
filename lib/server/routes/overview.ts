import type { Hono } from 'hono'

import { messageOf } from '../../base/errors.ts'
import { refresh, type RefreshPorts } from '../../refresh/index.ts'
import { fail, json, type AppEnv } from '../context.ts'
import type { Jobs, RefreshSetup } from '../jobs.ts'
import { overviewFragment } from '../page/fragment.ts'
import type { RegistryLook } from '../registry-look.ts'
import type { Overview } from '../schema/overview.ts'
import { shownError, statusOfError } from '../status.ts'
import { route } from './route.ts'

export interface OverviewRouteOptions {
  readonly ports: RefreshPorts
  readonly setup: RefreshSetup
  readonly jobs: Jobs
  readonly look: RegistryLook
}

/** `GET /admin/overview`: what runs, what the registry has, what came of the last refresh; for the page as HTML. */
export function overviewRoute(app: Hono<AppEnv>, options: OverviewRouteOptions): void {
  let looking: Promise<Overview> | undefined
  route(app, 'GET', '/admin/overview', async (c) => {
    looking ??= lookAll(options).finally(() => {
      looking = undefined
    })
    try {
      const overview = await looking
      if (c.req.header('accept')?.startsWith('text/html') !== true) return json(c, 200, overview)
      const type = { 'Content-Type': 'text/html; charset=utf-8' }
      return c.newResponse(String(await overviewFragment(overview)), 200, type)
    } catch (error) {
      const { code, message } = shownError(error)
      return fail(c, statusOfError(error), { error: messageOf(message), code })
    }
  })
}

async function lookAll({ ports, setup, jobs, look }: OverviewRouteOptions): Promise<Overview> {
  const [plan, registry] = await Promise.all([refresh(ports, { ...setup, dryRun: true }), look(setup.targets)])
  const last = jobs
    .list()
    .map((job) => job.record())
    .find(({ state, request }) => state === 'ended' && !request.dryRun)
  return { plan, registry, running: jobs.running()?.record() ?? null, last: last ?? null }
}
