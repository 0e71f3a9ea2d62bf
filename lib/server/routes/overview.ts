import type { Hono } from 'hono'

import { refresh, type RefreshPorts } from '../../refresh/index.ts'
import { fail, json, type AppEnv } from '../context.ts'
import type { Jobs, RefreshSetup } from '../jobs.ts'
import { overviewFragment } from '../page/fragment.ts'
import type { Overview } from '../schema/overview.ts'
import { shownError, statusOfError } from '../status.ts'
import type { Watcher } from '../watcher.ts'
import { route } from './route.ts'

export interface OverviewRouteOptions {
  readonly ports: RefreshPorts
  readonly setup: RefreshSetup
  readonly jobs: Jobs
  readonly watcher: Pick<Watcher, 'state'>
}

const SHOWN = 10

/** `GET /admin/overview`: what runs, what registries have, what came of the last refreshes; for the page as HTML. */
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
      return fail(c, statusOfError(error), { error: message, code })
    }
  })
}

async function lookAll({ ports, setup, jobs, watcher }: OverviewRouteOptions): Promise<Overview> {
  const plan = await refresh(ports, { ...setup, dryRun: true })
  const planned = new Set(plan.containers.map(({ id }) => id))
  const containers = await ports.engine.containers.list({ all: true })
  const ended = jobs
    .list()
    .map((job) => job.record())
    .filter(({ state, request }) => state === 'ended' && !request.dryRun)
  return {
    plan,
    runs: Object.fromEntries(containers.flatMap(({ Id, ImageID }) => (planned.has(Id) ? [[Id, ImageID]] : []))),
    running: jobs.running()?.record() ?? null,
    ended: ended.slice(0, SHOWN),
    watcher: watcher.state(),
  }
}
