import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as z from 'zod/mini'

import { VersionError, hasCode, isConflict, isNotFound } from '../../lib/base/errors.ts'
import type { Operation, Reading } from '../../lib/wire/call.ts'
import { collect } from '../support/bytes.ts'
import { httpDaemon, type Handler } from '../support/daemon.ts'
import { frame } from '../support/frame.ts'
import { until } from '../support/until.ts'
import { wireTo } from '../support/wire.ts'

const anything: z.ZodMiniType = z.any()
const INFO: Operation = { method: 'GET', path: '/info' }

test('an answer is parsed, its 64-bit integers and a member called __proto__ kept', async () => {
  await using daemon = await httpDaemon((_, response) => {
    response.setHeader('Content-Type', 'application/json').end('{"Memory":9007199254740993,"Labels":{"__proto__":"x"}}')
  })
  await using wire = wireTo(daemon, '1.41')
  const value = (await wire.json(INFO, anything)) as { Memory: bigint; Labels: object }
  assert.equal(value.Memory, 9007199254740993n)
  assert.deepEqual(Object.entries(value.Labels), [['__proto__', 'x']])
})

test('a JSON body arrives as JSON with its type, 64-bit integers and a member called __proto__ kept', async () => {
  let got = ''
  await using daemon = await httpDaemon(async (request, response) => {
    got = `${request.headers['content-type']} ${request.headers['content-length']} `
    for await (const chunk of request) got += String(chunk)
    response.end('{}')
  })
  await using wire = wireTo(daemon, '1.41')
  const json = JSON.parse('{"Labels":{"__proto__":"ä"},"Memory":0}') as Record<string, unknown>
  json['Memory'] = 9007199254740993n
  await wire.json({ method: 'POST', path: '/containers/create', json }, anything)
  const body = '{"Labels":{"__proto__":"ä"},"Memory":9007199254740993}'
  assert.equal(got, `application/json ${Buffer.byteLength(body)} ${body}`)
})

test('a call without a body sends none, for a start with one is refused by the engine', async () => {
  let head: object = {}
  await using daemon = await httpDaemon((request, response) => {
    head = request.headers
    response.writeHead(204).end()
  })
  await using wire = wireTo(daemon, '1.41')
  assert.deepEqual(await wire.none({ method: 'POST', path: '/containers/x/start' }), { changed: true })
  assert.deepEqual(
    ['content-length', 'content-type', 'transfer-encoding'].map((name) => (head as Record<string, string>)[name]),
    ['0', undefined, undefined],
  )
})

test('304 is a value: nothing changed', async () => {
  await using daemon = await httpDaemon((_, response) => void response.writeHead(304).end())
  await using wire = wireTo(daemon, '1.41')
  assert.deepEqual(await wire.none({ method: 'POST', path: '/containers/x/stop' }), { changed: false })
})

test('a redirect is an error and is not followed', async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    await using daemon = await httpDaemon((_, response) => void response.writeHead(status, { Location: '/evil' }).end())
    await using wire = wireTo(daemon, '1.41')
    await assert.rejects(wire.json(INFO, anything), (error) => hasCode(error, 'REDIRECTED') && error.status === status)
    assert.deepEqual(daemon.seen, ['GET /v1.41/info'])
  }
})

test('each decoder turns a status into the same error, with the words of the engine', async () => {
  await using daemon = await httpDaemon((_, response) => {
    response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"message":"No such container: x"}')
  })
  await using wire = wireTo(daemon, '1.41')
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    json: () => wire.json(INFO, anything),
    none: () => wire.none(INFO),
    head: () => wire.head(INFO),
    text: () => wire.text(INFO),
    bytes: () => wire.bytes(INFO).next(),
    lines: () => wire.lines(INFO, anything).next(),
    frames: () => wire.frames(INFO, () => Promise.resolve(false)).next(),
    upgrade: () => wire.upgrade({ method: 'POST', path: '/containers/x/attach' }),
  }
  for (const [name, call] of Object.entries(calls)) {
    await assert.rejects(call(), (error) => isNotFound(error) && error.words === 'No such container: x', name)
  }
})

test('an endless error body is read no further than its bound, and its connection is closed', async () => {
  await using daemon = await httpDaemon((_, response) => {
    response.writeHead(409, { 'Content-Type': 'text/plain' })
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  })
  await using wire = wireTo(daemon, '1.41')
  await assert.rejects(wire.json(INFO, anything), (error) => isConflict(error) && error.message.length < 5000)
  await until('the connection is closed', () => daemon.open.size === 0)
})

test('an answer that is not JSON, or is cut, is a protocol error and says of which call', async () => {
  for (const body of ['<html>', '{"a":', '']) {
    await using daemon = await httpDaemon((_, response) => void response.end(body))
    await using wire = wireTo(daemon, '1.41')
    await assert.rejects(
      wire.json(INFO, anything),
      (error) => hasCode(error, 'PROTOCOL_VIOLATION') && /GET \/info is not JSON/.test(error.message),
    )
  }
})

test('no secret of a header or a query gets into an error', async () => {
  await using daemon = await httpDaemon((_, response) => void response.writeHead(500).end('boom'))
  await using wire = wireTo(daemon, '1.41')
  const operation: Operation = {
    method: 'POST',
    path: '/images/create',
    query: { fromImage: 'x', token: 'hunter2' },
    headers: { 'X-Registry-Auth': 'hunter2' },
  }
  const { error } = await collect(wire.lines(operation, anything))
  assert.ok(hasCode(error, 'ENGINE_ERROR'))
  const { inspect } = await import('node:util')
  assert.doesNotMatch(inspect(error, { depth: null, showHidden: true }), /hunter2/)
  await daemon.stop()
  const lost = await collect(wire.lines(operation, anything))
  assert.ok(hasCode(lost.error, 'ENGINE_UNREACHABLE'))
  assert.doesNotMatch(inspect(lost.error, { depth: null, showHidden: true }), /hunter2/)
})

// An engine that speaks the versions from `min` to `max`, as dockerd refuses the others.
function engine(min: string, max: string, ping: string | undefined = max): Handler {
  return (request, response) => {
    const version = /^\/v1\.(\d+)\//.exec(request.url ?? '')?.[1]
    if (version === undefined) {
      response.writeHead(200, ping === '' ? {} : { 'Api-Version': ping }).end('OK')
      return
    }
    const minor = Number(version)
    response.setHeader('Api-Version', max).setHeader('Content-Type', 'application/json')
    if (minor > Number(max.slice(2))) {
      response.writeHead(400).end(
        JSON.stringify({
          message: `client version 1.${version} is too new. Maximum supported API version is ${max}`,
        }),
      )
    } else if (minor < Number(min.slice(2))) {
      response.writeHead(400).end(
        JSON.stringify({
          message: `client version 1.${version} is too old. Minimum supported API version is ${min}, please upgrade`,
        }),
      )
    } else {
      response.end('{}')
    }
  }
}

test('the version is agreed once, before the first call, for calls side by side too', async () => {
  await using daemon = await httpDaemon(engine('1.24', '1.41'))
  await using wire = wireTo(daemon)
  await Promise.all(Array.from({ length: 5 }, () => wire.json(INFO, anything)))
  assert.deepEqual(daemon.seen, ['GET /_ping', ...Array.from({ length: 5 }, () => 'GET /v1.41/info')])
})

test('an engine that tells no version is tried with the newest, and its refusal tells: one more try', async () => {
  await using daemon = await httpDaemon(engine('1.24', '1.41', ''))
  await using wire = wireTo(daemon)
  await wire.json(INFO, anything)
  await wire.json(INFO, anything)
  assert.deepEqual(daemon.seen, ['GET /_ping', 'GET /v1.56/info', 'GET /v1.41/info', 'GET /v1.41/info'])
})

test('an engine that was upgraded beneath us is spoken to anew: one more try', async () => {
  await using daemon = await httpDaemon(engine('1.44', '1.52', '1.41'))
  await using wire = wireTo(daemon)
  await wire.json(INFO, anything)
  assert.deepEqual(daemon.seen, ['GET /_ping', 'GET /v1.41/info', 'GET /v1.52/info'])
})

test('an engine that refuses every version is tried twice, not for ever', async () => {
  await using daemon = await httpDaemon((request, response) => {
    const next = daemon.seen.length % 2 === 0 ? '1.45' : '1.46'
    response.setHeader('Api-Version', next)
    if (request.url === '/_ping') response.end('OK')
    else
      response.writeHead(400).end('{"message":"client version 1.4x is too old. Minimum supported API version is 1.46"}')
  })
  await using wire = wireTo(daemon)
  await assert.rejects(wire.json(INFO, anything), (error) => hasCode(error, 'BAD_REQUEST'))
  assert.equal(daemon.seen.length, 3)
})

test('a pinned version is neither asked for nor changed', async () => {
  await using daemon = await httpDaemon(engine('1.44', '1.52'))
  await using wire = wireTo(daemon, '1.41')
  await assert.rejects(wire.json(INFO, anything), (error) => hasCode(error, 'BAD_REQUEST'))
  assert.deepEqual(daemon.seen, ['GET /v1.41/info'])
})

test('a feature that the engine lacks is refused before any byte of it leaves', async () => {
  await using daemon = await httpDaemon(engine('1.24', '1.41'))
  await using wire = wireTo(daemon)
  await assert.rejects(
    wire.none({ method: 'POST', path: '/containers/x/stop', needs: ['signal of stop and restart'] }),
    (error) => error instanceof VersionError && error.code === 'ENGINE_TOO_OLD',
  )
  assert.deepEqual(daemon.seen, ['GET /_ping'])
})

test('lines come as they are sent, and a stream that is left is closed', async () => {
  await using daemon = await httpDaemon((_, response) => void response.write('{"a":1}\r\n{"a":2}\r\n{"a":'))
  await using wire = wireTo(daemon, '1.41')
  const values: unknown[] = []
  for await (const value of wire.lines({ method: 'GET', path: '/events' }, anything)) {
    values.push(value)
    if (values.length === 2) break
  }
  assert.deepEqual(values, [{ a: 1 }, { a: 2 }])
  await until('the connection is closed', () => daemon.open.size === 0)
})

test('a stream that was cut inside a chunked body is a lost connection, after its values', async () => {
  await using daemon = await httpDaemon((_, response) => {
    response.write('{"a":1}\n')
    setTimeout(() => response.destroy(), 20)
  })
  await using wire = wireTo(daemon, '1.41')
  const { values, error } = await collect(wire.lines({ method: 'GET', path: '/events' }, anything))
  assert.deepEqual(values, [{ a: 1 }])
  assert.ok(hasCode(error, 'CONNECTION_LOST'))
})

test('output has frames where the content type says multiplexed; elsewhere the container is asked for its TTY', async () => {
  const frames = ['stdout:out', 'stderr:err']
  const raw = ['stdout:\u0001\0\0\0\0\0\0\u0003out\u0002\0\0\0\0\0\0\u0003err']
  for (const [type, tty, expected] of [
    ['application/vnd.docker.multiplexed-stream', 'not asked', frames],
    ['application/vnd.docker.raw-stream', false, frames],
    ['application/vnd.docker.raw-stream', true, raw],
    [undefined, false, frames],
    [undefined, true, raw],
  ] as const) {
    await using daemon = await httpDaemon((_, response) => {
      response.writeHead(200, type === undefined ? {} : { 'Content-Type': type })
      response.end(Buffer.concat([frame(1, 'out'), frame(2, 'err')]))
    })
    await using wire = wireTo(daemon, '1.41')
    const isTty = (): Promise<boolean> => (tty === 'not asked' ? Promise.reject(new Error(tty)) : Promise.resolve(tty))
    const { values } = await collect(wire.frames({ method: 'GET', path: '/containers/x/logs' }, isTty))
    assert.deepEqual(
      values.map(({ stream, data }) => `${stream}:${Buffer.from(data).toString()}`),
      expected,
    )
  }
})

test('a signal ends a call that is waiting for its answer, and a stream that is silent', async () => {
  await using daemon = await httpDaemon((request, response) => {
    if (request.url?.endsWith('/events') === true) response.write('{"a":1}\n')
  })
  await using wire = wireTo(daemon, '1.41')
  const controller = new AbortController()
  const call = { signal: controller.signal }
  const waiting = wire.json({ ...INFO, call }, anything)
  const stream = wire.lines({ method: 'GET', path: '/events', call }, anything)
  assert.deepEqual(await stream.next(), { done: false, value: { a: 1 } })
  const silent = stream.next()
  controller.abort(new Error('enough'))
  await assert.rejects(waiting, (error) => hasCode(error, 'ABORTED'))
  await assert.rejects(silent, (error) => hasCode(error, 'ABORTED'))
  await until('both connections are closed', () => daemon.open.size === 0)
})

test('a signal that fired before the call sends nothing', async () => {
  await using daemon = await httpDaemon((_, response) => void response.end('{}'))
  await using wire = wireTo(daemon, '1.41')
  const call = { signal: AbortSignal.abort() }
  await assert.rejects(wire.json({ ...INFO, call }, anything), (error) => hasCode(error, 'ABORTED'))
  assert.deepEqual((await collect(wire.lines({ ...INFO, call }, anything))).values, [])
  assert.deepEqual(daemon.seen, [])
})

test('the deadline of the whole call is a timeout that says how long it waited', async () => {
  await using daemon = await httpDaemon((_, response) => void response.write('{'))
  await using wire = wireTo(daemon, '1.41')
  for (const attempt of [
    () => wire.json({ ...INFO, call: { timeout: 30 } }, anything),
    () => wire.lines({ ...INFO, call: { timeout: 30 } }, anything).next(),
  ]) {
    await assert.rejects(attempt(), (error) => hasCode(error, 'TIMEOUT') && /longer than 30 ms/.test(error.message))
  }
  await until('the connections are closed', () => daemon.open.size === 0)
})

test('a deadline that is not reached leaves no timer and changes nothing', async () => {
  await using daemon = await httpDaemon((_, response) => void response.end('{"a":1}'))
  await using wire = wireTo(daemon, '1.41')
  const call = { timeout: 60_000, signal: new AbortController().signal }
  assert.deepEqual(await wire.json({ ...INFO, call }, anything), { a: 1 })
  assert.deepEqual((await collect(wire.lines({ ...INFO, call }, anything))).values, [{ a: 1 }])
  assert.ok(!process.getActiveResourcesInfo().includes('Timeout') || daemon.open.size > 0)
})

test('a stream that is left while the engine has not answered yet closes its connection at once', async () => {
  await using daemon = await httpDaemon(() => {})
  await using wire = wireTo(daemon, '1.41')
  const stream = wire.lines({ method: 'GET', path: '/events' }, anything)
  const reading = stream.next()
  await until('the request is there', () => daemon.seen.length === 1)
  await stream.return(undefined)
  assert.deepEqual(await reading, { done: true, value: undefined })
  await until('the connection is closed', () => daemon.open.size === 0)
})

test('a reading is told of every value, of the end and of an error, and may change what the reader gets', async () => {
  await using daemon = await httpDaemon((request, response) => {
    if (request.url?.endsWith('/cut') === true) response.writeHead(404).end('gone')
    else response.end('1\n2\n3\n')
  })
  await using wire = wireTo(daemon, '1.41')
  const told: unknown[] = []
  const reading: Reading<unknown> = {
    begin: async () => void told.push(`begin after ${daemon.seen.length} requests`),
    each: (value) => {
      told.push(value)
      return value === 2 ? undefined : value
    },
    end: async () => void told.push('end'),
    fail: (error) => new Error('another', { cause: error }),
  }
  assert.deepEqual((await collect(wire.lines({ method: 'GET', path: '/a' }, anything, reading))).values, [1, 3])
  assert.deepEqual(told, ['begin after 0 requests', 1, 2, 3, 'end'])
  const { error } = await collect(wire.lines({ method: 'GET', path: '/cut' }, anything, reading))
  assert.ok(error instanceof Error && error.message === 'another' && isNotFound(error.cause))
})

test('the time of an operation is of its whole answer, whatever comes in between', async () => {
  await using daemon = await httpDaemon((request, response) => {
    if (request.url?.includes('slow') === true) response.writeHead(200)
    const timer = setInterval(() => {
      if (response.headersSent) response.write(' ')
      else response.writeProcessing()
    }, 20)
    response.on('close', () => clearInterval(timer))
  })
  await using wire = wireTo(daemon, '1.41')
  for (const path of ['/slow', '/endless']) {
    const call = wire.json({ method: 'GET', path, patience: 100 }, anything)
    await assert.rejects(call, (error) => hasCode(error, 'TIMEOUT'))
  }
  await until('the connections are closed', () => daemon.open.size === 0)
})
