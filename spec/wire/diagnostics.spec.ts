import assert from 'node:assert/strict'
import { channel } from 'node:diagnostics_channel'
import { test } from 'node:test'

import * as z from 'zod/mini'

import { httpDaemon } from '../support/daemon.ts'
import { wireTo } from '../support/wire.ts'

const anything = z.unknown()
const NAMES = ['start', 'headers', 'end', 'error'] as const

interface Told {
  readonly name: string
  readonly message: Record<string, unknown>
}

// What is published while `run` runs, in order.
async function told(run: () => Promise<unknown>): Promise<Told[]> {
  const messages: Told[] = []
  const listeners = NAMES.map((name) => {
    const listener = (message: unknown): void => void messages.push({ name, message: message as Told['message'] })
    channel(`dockline:request:${name}`).subscribe(listener)
    return () => channel(`dockline:request:${name}`).unsubscribe(listener)
  })
  try {
    await run()
  } finally {
    for (const stop of listeners) stop()
  }
  return messages
}

test('a request is told from its start to its end, under one id', async () => {
  await using daemon = await httpDaemon((_, response) => void response.end('{}'))
  await using wire = wireTo(daemon, '1.41')
  const messages = await told(() => wire.json({ method: 'GET', path: '/info' }, anything))
  assert.deepEqual(
    messages.map(({ name }) => name),
    ['start', 'headers', 'end'],
  )
  assert.equal(new Set(messages.map(({ message }) => message['id'])).size, 1)
  const { id: _, ...rest } = messages[1]?.message ?? {}
  assert.deepEqual(rest, { method: 'GET', path: '/info', endpoint: daemon.host, status: 200 })
})

test('a refusal is told as an error with its code and status, in place of an end', async () => {
  await using daemon = await httpDaemon((_, response) => void response.writeHead(404).end('{"message":"none"}'))
  await using wire = wireTo(daemon, '1.41')
  const messages = await told(() => wire.none({ method: 'POST', path: '/x' }).catch(() => {}))
  assert.deepEqual(
    messages.map(({ name }) => name),
    ['start', 'headers', 'error'],
  )
  assert.equal(messages[2]?.message['code'], 'NOT_FOUND')
  assert.equal(messages[2]?.message['status'], 404)
})

test('a stream ends where its reader leaves it', async () => {
  await using daemon = await httpDaemon((_, response) => void response.write('{"a":1}\n'))
  await using wire = wireTo(daemon, '1.41')
  const messages = await told(async () => {
    for await (const _ of wire.lines({ method: 'GET', path: '/events' }, anything)) break
  })
  assert.deepEqual(
    messages.map(({ name }) => name),
    ['start', 'headers', 'end'],
  )
})

test('neither query nor body nor credential is told', async () => {
  await using daemon = await httpDaemon((_, response) => void response.writeHead(500).end('boom hush'))
  await using wire = wireTo(daemon, '1.41')
  const operation = {
    method: 'POST',
    path: '/auth',
    query: { secret: 'hush' },
    headers: { 'X-Registry-Auth': 'hush' },
    json: { password: 'hush' },
  } as const
  const messages = await told(() => wire.json(operation, anything).catch(() => {}))
  assert.equal(messages.length, 3)
  assert.ok(!JSON.stringify(messages).includes('hush'))
})
