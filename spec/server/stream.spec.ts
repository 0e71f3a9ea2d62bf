import assert from 'node:assert/strict'
import { test } from 'node:test'

import { refreshEvent } from '../../lib/server/schema/event.ts'
import type { JobRecord } from '../../lib/server/schema/job.ts'
import { gate } from '../support/refresh-world.ts'
import { REFRESH, serviceWorld } from '../support/service.ts'

interface SseEvent {
  readonly id: string | undefined
  readonly event: string | undefined
  readonly data: Record<string, unknown>
}

function sse(text: string): SseEvent[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':'))
    .map((block) => {
      const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      return { id: field('id'), event: field('event'), data: JSON.parse(field('data') as string) }
    })
}

const EXPECTED = ['pull', 'image', 'container', 'result']

test('NDJSON: the events that the command line renders, numbered, and the job in the end', async () => {
  const { ask } = serviceWorld()
  const response = await ask('POST', `${REFRESH}?runtime=hermes`, { accept: 'application/x-ndjson' })
  assert.equal(response.headers.get('content-type'), 'application/x-ndjson')
  const lines = (await response.text()).trim().split('\n')
  const events = lines.map((line) => JSON.parse(line) as { type: string; seq?: number; job?: JobRecord })
  assert.deepEqual(
    events.map(({ type }) => type),
    EXPECTED,
  )
  assert.deepEqual(
    events.map(({ seq }) => seq),
    [1, 2, 3, undefined],
  )
  for (const { seq: _, ...event } of events.slice(0, -1)) assert.ok(refreshEvent.safeParse(event).success)
  assert.equal(events.at(-1)?.job?.status, 200)
})

test('server-sent events: the same, and a reader that comes back with Last-Event-ID goes on where it was', async () => {
  const { ask } = serviceWorld()
  const response = await ask('POST', `${REFRESH}?runtime=hermes`, { accept: 'text/event-stream' })
  const events = sse(await response.text())
  assert.deepEqual(
    events.map(({ event }) => event),
    EXPECTED,
  )
  const path = `/admin/jobs/${response.headers.get('dockline-job')}`
  const again = await ask('GET', path, { accept: 'text/event-stream', 'last-event-id': '2' })
  assert.deepEqual(sse(await again.text()), events.slice(2))
})

test('a reader is told while it happens, and one that leaves does not end the job', async () => {
  const { ask, world } = serviceWorld()
  const { open } = gate(world)
  const response = await ask('POST', `${REFRESH}?runtime=hermes`, { accept: 'text/event-stream' })
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const first = await reader.read()
  assert.equal(sse(Buffer.from(first.value ?? []).toString())[0]?.event, 'pull')
  await reader.cancel()
  const path = `/admin/jobs/${response.headers.get('dockline-job')}`
  const record = (await (await ask('GET', path)).json()) as JobRecord
  assert.deepEqual([record.state, record.clientLeft], ['running', true])
  open()
  const all = sse(await (await ask('GET', path, { accept: 'text/event-stream' })).text())
  const { job } = (all.at(-1) as SseEvent).data as unknown as { job: JobRecord }
  assert.deepEqual([job.state, job.status, job.clientLeft], ['ended', 200, true])
})
