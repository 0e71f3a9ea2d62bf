import type { Hono } from 'hono'

import { hasCode } from '../../base/errors.ts'
import type { Clock } from '../../base/ports.ts'
import { MAX_BODY_BYTES, readBody } from '../body.ts'
import { fail, json, type AppContext, type AppEnv } from '../context.ts'
import type { Job } from '../job.ts'
import type { Admission, Jobs, RefreshSetup } from '../jobs.ts'
import type { Failure } from '../schema/failure.ts'
import { readRefreshQuery, type RefreshQuery } from '../schema/query.ts'
import { lastEventId, streamFormat, streamJob, STREAM_TYPES } from '../stream.ts'
import { route } from './route.ts'

export const REFRESH_PATH = '/admin/workspace-images/refresh'

export interface RefreshRouteOptions {
  readonly jobs: Jobs
  readonly setup: RefreshSetup
  readonly clock: Clock
}

/** `POST /admin/workspace-images/refresh` */
export function refreshRoute(app: Hono<AppEnv>, options: RefreshRouteOptions): void {
  const known = options.setup.targets.map(({ label }) => label)
  const refuse = (c: AppContext, status: number, error: string): Response =>
    fail(c, status, { error, known_runtimes: known })

  route(app, 'POST', REFRESH_PATH, async (c) => {
    const query = readRefreshQuery(new URL(c.req.url).searchParams, known)
    if ('problem' in query) return refuse(c, 400, query.problem)
    const key = c.req.header('idempotency-key')
    if (key !== undefined && !/^[\x21-\x7e]{1,128}$/.test(key))
      return refuse(c, 400, 'an Idempotency-Key has 1 to 128 characters of printable ASCII without spaces')
    const body = await readBody(c.req.raw, MAX_BODY_BYTES)
    if (body === undefined) return refuse(c, 413, `a body may have ${MAX_BODY_BYTES} bytes`)
    if (body.length > 0) return refuse(c, 400, 'parameters go into the query: a body is not read')
    return admit(c, options, query, key)
  })
}

async function admit(
  c: AppContext,
  { jobs, setup, clock }: RefreshRouteOptions,
  query: RefreshQuery,
  key: string | undefined,
): Promise<Response> {
  const { runtime, pull, recreate, dryRun, retry, join } = query
  const targets = runtime === undefined ? setup.targets.map(({ label }) => label) : [runtime]
  const strategy = query.strategy ?? setup.strategy ?? 'replace'
  const request = { targets, recreate, dryRun, strategy, retry, ...(pull ? {} : { pull }) }
  let admission: Admission
  try {
    admission = await jobs.admit({ request, by: c.get('by'), requestId: c.get('requestId'), key, join })
  } catch (error) {
    if (hasCode(error, 'BUSY'))
      return fail(c, 409, { error: error.message, code: error.code, job: String(error.facts['job']) })
    if (hasCode(error, 'INPUT_INVALID')) return fail(c, 400, { error: error.message, known_runtimes: targets })
    if (hasCode(error, 'ABORTED')) return fail(c, 503, { error: error.message, code: error.code })
    throw error
  }
  const { job } = admission
  c.set('job', job.id)
  c.header('Dockline-Job', job.id)
  if (!query.wait) return json(c, 202, job.record(), { Location: `/admin/jobs/${job.id}` })
  const format = streamFormat(c.req.header('accept'))
  if (format !== undefined) {
    const after = lastEventId(c.req.header('last-event-id'))
    const stream = streamJob(job, { format, after, clock, onLeave: () => job.left() })
    return c.newResponse(stream, 200, { 'Content-Type': STREAM_TYPES[format] })
  }
  await endOrLeave(admission, c.req.raw.signal)
  return answer(c, job)
}

// The work is detached from the connection: when the client goes away only this answer ends.
async function endOrLeave({ job, done }: Admission, gone: AbortSignal): Promise<void> {
  const leaving = new AbortController()
  const left = new Promise<void>((resolve) => {
    const leave = (): void => {
      job.left()
      resolve()
    }
    if (gone.aborted) leave()
    else gone.addEventListener('abort', leave, { once: true, signal: leaving.signal })
  })
  await Promise.race([done, left])
  leaving.abort()
}

/** The result of a job as an answer. */
function answer(c: AppContext, job: Job): Response {
  const { status = 202, report, error, partial } = job.record()
  if (report !== undefined) return json(c, status, report)
  const failure: Failure = { error: error?.message ?? 'it is still running', code: error?.code, job: job.id }
  return fail(c, status, status === 500 ? { ...failure, partial_result: partial } : failure)
}
