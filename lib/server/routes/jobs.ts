import type { Hono } from 'hono'

import type { Clock } from '../../base/ports.ts'
import { fail, json, type AppEnv } from '../context.ts'
import type { Jobs } from '../jobs.ts'
import { lastEventId, streamFormat, streamJob, STREAM_TYPES } from '../stream.ts'
import { route } from './route.ts'

/** `GET /admin/jobs` and `GET /admin/jobs/{id}`, the latter also as a stream of events that can be taken up again. */
export function jobRoutes(app: Hono<AppEnv>, { jobs, clock }: { readonly jobs: Jobs; readonly clock: Clock }): void {
  route(app, 'GET', '/admin/jobs', (c) => json(c, 200, { jobs: jobs.list().map((job) => job.record()) }))

  route(app, 'GET', '/admin/jobs/:id', (c) => {
    const job = jobs.get(c.req.param('id') ?? '')
    if (job === undefined) return fail(c, 404, { error: 'no such job, or it is no longer kept' })
    c.set('job', job.id)
    const format = streamFormat(c.req.header('accept'))
    if (format === undefined) return json(c, 200, job.record())
    const stream = streamJob(job, { format, after: lastEventId(c.req.header('last-event-id')), clock })
    return c.newResponse(stream, 200, { 'Content-Type': STREAM_TYPES[format] })
  })
}
