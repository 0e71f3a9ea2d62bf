import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { connect, type Docker } from '../../lib/engine/connect.ts'
import type { CallOptions } from '../../lib/wire/call.ts'
import type { WireRequest } from '../../lib/wire/transport.ts'
import { httpDaemon, rawDaemon, type Daemon } from '../support/daemon.ts'

const late = (error: unknown): boolean => hasCode(error, 'TIMEOUT')

// Where a deadline does not hold, this fails the spec.
async function within(work: PromiseLike<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('the deadline did not hold')), 5000)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}

const CALL: CallOptions = { timeout: 100 }

/** Calls that consist of one request, of several, and of a stream. */
const CALLS: Readonly<Record<string, (docker: Docker, call: CallOptions) => PromiseLike<unknown>>> = {
  'a list': ({ containers }, call) => containers.list({}, call),
  'an inspect': ({ containers }, call) => containers.inspect('c', {}, call),
  'a wait': ({ containers }, call) => containers.wait('c', {}, call),
  'a run': ({ exec }, call) => exec.run('c', { Cmd: ['x'] }, {}, call),
  'a log': ({ containers }, call) => containers.logs('c', {}, call).text(),
  'a pull': ({ images }, call) => images.pull('a/b:c', {}, call),
  'a build': ({ images }, call) => images.build([], {}, call),
  'an archive': ({ containers }, call) => containers.archive('c', { path: '/' }, call).bytes(),
}

const ENGINES: Readonly<Record<string, () => Promise<Daemon>>> = {
  'never says its version': () => rawDaemon((socket) => void socket.resume()),
  'answers a byte now and then': () =>
    httpDaemon((request, response) => {
      if (request.url === '/_ping') return
      response.writeHead(200, { 'Content-Type': 'application/vnd.docker.raw-stream' })
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    }),
  'answers 1xx for ever': () =>
    httpDaemon((request, response) => {
      if (request.url === '/_ping') return
      const timer = setInterval(() => response.writeProcessing(), 20)
      response.on('close', () => clearInterval(timer))
    }),
}

for (const [what, call] of Object.entries(CALLS)) {
  for (const [how, engine] of Object.entries(ENGINES)) {
    test(`the timeout of ${what} holds where an engine ${how}`, async () => {
      await using daemon = await engine()
      await using docker = await connect({ host: daemon.host })
      await assert.rejects(within(call(docker, CALL)), late)
    })
  }
}

for (const hanging of ['before', 'after'] as const) {
  test(`the timeout of a pull is of the inspect ${hanging} it too`, async () => {
    let inspects = 0
    await using daemon = await httpDaemon((request, response) => {
      if (request.url === '/_ping') return
      if (request.method === 'POST') {
        response.end('{"status":"Digest: sha256:1"}\n{"status":"Status: Downloaded newer image"}\n')
      } else if (hanging === 'after' && inspects++ === 0) response.writeHead(404).end()
    })
    await using docker = await connect({ host: daemon.host })
    await assert.rejects(within(docker.images.pull('a/b:c', {}, CALL)), late)
  })
}

/** The deadlines that go with a request, when its caller names none. */
const DEFAULTS: Readonly<
  Record<string, readonly [total: number, call: (docker: Docker, call?: CallOptions) => PromiseLike<unknown>]>
> = {
  list: [30_000, ({ containers }, call) => containers.list({}, call)],
  'list with size': [300_000, ({ containers }, call) => containers.list({ size: true }, call)],
  inspect: [30_000, ({ containers }, call) => containers.inspect('c', {}, call)],
  'inspect with size': [300_000, ({ containers }, call) => containers.inspect('c', { size: true }, call)],
  create: [120_000, ({ containers }, call) => containers.create({ Image: 'i' }, {}, call)],
  start: [120_000, ({ containers }, call) => containers.start('c', {}, call)],
  kill: [30_000, ({ containers }, call) => containers.kill('c', {}, call)],
  wait: [0, ({ containers }, call) => containers.wait('c', {}, call)],
  remove: [0, ({ containers }, call) => containers.remove('c', {}, call)],
  logs: [0, ({ containers }, call) => containers.logs('c', {}, call).text()],
  putArchive: [0, ({ containers }, call) => containers.putArchive('c', { path: '/' }, [], call)],
}

async function requestOf(call: (docker: Docker) => PromiseLike<unknown>): Promise<WireRequest> {
  const requests: WireRequest[] = []
  const transport = {
    request: (request: WireRequest) => {
      requests.push(request)
      return Promise.reject(new Error('enough is known'))
    },
    close: () => Promise.resolve(),
  }
  await using docker = await connect({ host: 'unix:///x', apiVersion: '1.44', transport: () => transport })
  await Promise.resolve(call(docker)).catch(() => {})
  return requests[0] as WireRequest
}

for (const [what, [total, call]] of Object.entries(DEFAULTS)) {
  test(`by default ${what} ends after ${total === 0 ? 'no time' : `${total / 1000} s`} in all`, async () => {
    const request = await requestOf(call)
    assert.equal(request.totalTimeout, total)
    assert.equal(request.headersTimeout, total)
    assert.equal(request.idleTimeout, total)
  })
}

test('a caller who names a timeout gets this one and no other total', async () => {
  const request = await requestOf(({ containers }) => containers.list({}, { timeout: 60_000 }))
  assert.equal(request.totalTimeout, 0)
})

test('a caller who grants an answer more time grants it to the whole', async () => {
  const more = await requestOf((docker) => docker.containers.list({}, { headersTimeout: 90_000 }))
  assert.equal(more.totalTimeout, 90_000)
  const without = await requestOf((docker) => docker.containers.list({}, { headersTimeout: 0 }))
  assert.equal(without.totalTimeout, 0)
})
