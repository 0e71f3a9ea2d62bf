import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import type { Duplex } from 'node:stream'
import { test } from 'node:test'

import { hasCode, isUncertain } from '../../lib/base/errors.ts'
import { systemClock } from '../../lib/base/system.ts'
import { connect, type Docker } from '../../lib/engine/connect.ts'
import { chaosProxy, type ChaosProxy, type ChaosProxyOptions } from '../../lib/testing/chaos.ts'
import { serve } from '../../lib/testing/serve.ts'
import type { ServedReply, ServedRequest } from '../../lib/testing/served.ts'

const VOLUME = { Name: 'v', Driver: 'local', Mountpoint: '/m', Scope: 'local', Labels: {}, Options: {} }

interface Rig {
  readonly seen: ServedRequest[]
  readonly proxy: ChaosProxy
  readonly docker: Docker
}

/** A client, a chaos proxy and an engine that answers everything with one volume, each on a real socket. */
async function withRig(options: Omit<ChaosProxyOptions, 'target'>, run: (rig: Rig) => Promise<void>): Promise<void> {
  const seen: ServedRequest[] = []
  await using engine = await serve(async (request) => {
    seen.push(request)
    return request.upgrade ? echo() : volume()
  })
  await using proxy = await chaosProxy({ ...options, target: engine.host })
  await using docker = await connect({ host: proxy.host, apiVersion: '1.41' })
  await run({ seen, proxy, docker })
}

function volume(): ServedReply {
  return { status: 201, headers: ['Content-Type', 'application/json'], body: bytes(JSON.stringify(VOLUME)) }
}

function echo(): ServedReply {
  return { status: 101, headers: ['Connection', 'Upgrade', 'Upgrade', 'tcp'], body: bytes(''), upgraded: sendBack }
}

function sendBack(client: Duplex): void {
  client.pipe(client)
}

async function* bytes(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text)
}

const lost = (error: unknown): boolean => hasCode(error, 'CONNECTION_LOST') && isUncertain(error)

test('without a schedule every call goes through and is listed', () =>
  withRig({}, async ({ docker, proxy, seen }) => {
    assert.equal((await docker.volumes.create({ Name: 'v', Labels: { a: 'b' } })).Name, 'v')
    await docker.volumes.remove('v', { force: true })
    assert.equal(seen[0]?.body.toString(), '{"Name":"v","Labels":{"a":"b"}}')
    assert.deepEqual(
      proxy.calls.map(({ n, method, path, query, status }) => [n, method, path, query, status]),
      [
        [1, 'POST', '/volumes/create', '', 201],
        [2, 'DELETE', '/volumes/v', 'force=1', 201],
      ],
    )
  }))

test('reset-before cuts the connection and the engine hears nothing', () =>
  withRig({ schedule: 'POST /volumes/create: 1*reset-before' }, async ({ docker, seen }) => {
    await assert.rejects(docker.volumes.create(), lost)
    assert.equal(seen.length, 0)
    assert.equal((await docker.volumes.create()).Name, 'v')
  }))

test('reset-after lets the engine do it and loses the reply', () =>
  withRig({ schedule: 'POST /volumes/create: 1*reset-after' }, async ({ docker, seen }) => {
    await assert.rejects(docker.volumes.create(), lost)
    assert.equal(seen.length, 1)
  }))

test('status-before answers in place of the engine', () =>
  withRig({ schedule: 'POST /volumes/create: status-before(500)' }, async ({ docker, seen }) => {
    await assert.rejects(docker.volumes.create(), { code: 'ENGINE_ERROR', status: 500 })
    assert.equal(seen.length, 0)
  }))

test('status-after answers so although the engine did it', () =>
  withRig({ schedule: 'POST /volumes/create: status-after(409)' }, async ({ docker, seen, proxy }) => {
    await assert.rejects(docker.volumes.create(), { code: 'CONFLICT', status: 409 })
    assert.equal(seen.length, 1)
    assert.equal(proxy.calls[0]?.status, 201)
  }))

test('truncate cuts the body after exactly so many bytes', () =>
  withRig({ schedule: '* /volumes/.*: truncate(9)' }, async ({ docker, proxy }) => {
    await assert.rejects(docker.volumes.create(), lost)
    const body = (await rawReply(proxy, 'GET /v1.41/volumes/v HTTP/1.1\r\nHost: d\r\n\r\n')).split('\r\n\r\n')[1]
    assert.equal(body, `9\r\n${JSON.stringify(VOLUME).slice(0, 9)}\r\n`)
  }))

test('dup makes the engine do it twice', () =>
  withRig({ schedule: 'POST /volumes/create: 1*dup' }, async ({ docker, seen }) => {
    assert.equal((await docker.volumes.create({ Name: 'twice' })).Name, 'v')
    assert.deepEqual(
      seen.map(({ body }) => body.toString()),
      ['{"Name":"twice"}', '{"Name":"twice"}'],
    )
  }))

test('delay and drip wait on the given clock and change no byte', async () => {
  const slept: number[] = []
  const clock = { sleep: async (ms: number) => void slept.push(ms) }
  await withRig({ schedule: '* /.*: 1*delay(700)->drip(100)', clock }, async ({ docker }) => {
    assert.equal((await docker.volumes.create()).Name, 'v')
    assert.deepEqual(slept, [700])
    assert.equal((await docker.volumes.create()).Mountpoint, '/m')
    const portions = Math.ceil(JSON.stringify(VOLUME).length / 10)
    assert.deepEqual(
      slept.slice(1),
      Array.from({ length: portions }, () => 100),
    )
  })
})

test('hang is never answered and ends when the caller leaves', async () => {
  const controller = new AbortController()
  const onCall = (): void => void setTimeout(() => controller.abort(), 5)
  await withRig({ schedule: 'GET /volumes/v: hang', onCall }, async ({ docker, seen, proxy }) => {
    await assert.rejects(docker.volumes.inspect('v', { signal: controller.signal }), { code: 'ABORTED' })
    assert.equal(proxy.calls.length, 1)
    assert.equal(seen.length, 0)
  })
})

test('onCall comes before the engine hears of a call, and after its reply but before the program', async () => {
  const events: string[] = []
  const onCall: ChaosProxyOptions['onCall'] = async (n, call, when) => {
    await systemClock.sleep(5)
    events.push(`${n} ${call.method} ${call.path} ${when} ${call.status ?? '-'}`)
  }
  await withRig({ onCall }, async ({ docker, seen }) => {
    const first = docker.volumes.create().then(() => events.push('answered'))
    await first
    assert.equal(seen.length, 1)
    assert.deepEqual(events, ['1 POST /volumes/create before -', '1 POST /volumes/create after 201', 'answered'])
  })
})

test('run-before and run-after call the named action on their side of the engine', async () => {
  const order: string[] = []
  const actions = {
    'kill-client': () => void order.push('killed'),
    'restart-engine': () => void order.push('restarted'),
  }
  const schedule = 'POST /volumes/create: 1*run-before(kill-client)->1*run-after(restart-engine)'
  await withRig({ schedule, actions }, async ({ docker }) => {
    await docker.volumes.create()
    await docker.volumes.create()
    assert.deepEqual(order, ['killed', 'restarted'])
  })
})

for (const [when, reached] of [
  ['before', 0],
  ['after', 1],
] as const) {
  test(`a hook that cuts ${when} leaves the program without an answer and the engine asked ${reached} times`, () =>
    withRig({ onCall: (_, __, now) => (now === when ? 'cut' : undefined) }, async ({ docker, seen }) => {
      await assert.rejects(docker.volumes.create(), lost)
      assert.equal(seen.length, reached)
    }))

  test(`an action that cuts ${when} does the same`, () =>
    withRig({ schedule: `* /.*: run-${when}(kill)`, actions: { kill: () => 'cut' } }, async ({ docker, seen }) => {
      await assert.rejects(docker.volumes.create(), lost)
      assert.equal(seen.length, reached)
    }))
}

test('a schedule that runs an unknown action is refused', async () => {
  await assert.rejects(chaosProxy({ target: 'unix:///nowhere', schedule: '* /x: run-after(nobody)' }), {
    code: 'INPUT_INVALID',
  })
})

test('an error of onCall is not lost: close throws it', async () => {
  await using engine = await serve(async () => volume())
  const proxy = await chaosProxy({
    target: engine.host,
    onCall: () => Promise.reject(new Error('the test is wrong')),
  })
  await using docker = await connect({ host: proxy.host, apiVersion: '1.41' })
  await docker.volumes.create()
  await assert.rejects(proxy.close(), /the test is wrong/)
})

test('a hijacked connection goes through both ways, early bytes and half-close included', () =>
  withRig({}, async ({ proxy, seen }) => {
    const reply = await rawReply(proxy, `${UPGRADE}{}early `, 'late')
    assert.match(reply, /^HTTP\/1\.1 101 .*\r\n/)
    assert.equal(reply.split('\r\n\r\n')[1], 'early late')
    assert.equal(seen[0]?.body.toString(), '{}')
  }))

test('truncate cuts a hijacked connection too', () =>
  withRig({ schedule: 'POST /exec/e/start: truncate(3)' }, async ({ proxy }) => {
    assert.equal((await rawReply(proxy, `${UPGRADE}{}early`)).split('\r\n\r\n')[1], 'ear')
  }))

test('an engine that is away cuts the connection', async () => {
  await using proxy = await chaosProxy({ target: 'unix:///nowhere/docker.sock' })
  await using docker = await connect({ host: proxy.host, apiVersion: '1.41' })
  await assert.rejects(docker.volumes.create(), lost)
})

const UPGRADE =
  'POST /v1.41/exec/e/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n' +
  'Content-Type: application/json\r\nContent-Length: 2\r\n\r\n'

/** Sends raw bytes, then half-closes, and reads until the other side ends. */
async function rawReply({ socketPath }: ChaosProxy, ...parts: string[]): Promise<string> {
  const socket = connectSocket({ path: socketPath, allowHalfOpen: true })
  const ended = once(socket, 'end')
  let received = ''
  socket.on('data', (chunk) => (received += chunk.toString()))
  for (const part of parts) {
    socket.write(part)
    await systemClock.sleep(10)
  }
  if (parts[0]?.includes('Upgrade') === true) socket.end()
  await ended
  socket.destroy()
  return received
}
