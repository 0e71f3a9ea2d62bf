import assert from 'node:assert/strict'
import { readFile, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

import { hasCode, isUnreachable } from '../../lib/base/errors.ts'
import type { Transport, WireRequest, WireResponse } from '../../lib/wire/transport.ts'
import { bytes, collect, source } from '../support/bytes.ts'
import { httpDaemon, onRequest, rawDaemon, type Daemon } from '../support/daemon.ts'
import { startEngineBlocking } from '../support/engine-process.ts'
import { until } from '../support/until.ts'
import { transportTo } from '../support/wire.ts'

async function* broken(): AsyncGenerator<Uint8Array> {
  yield bytes('a')
  await delay(10)
  throw new Error('disk on fire')
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

const GET: WireRequest = { method: 'GET', path: '/x', headersTimeout: 0, idleTimeout: 0 }
const STREAM: WireRequest = { ...GET, streaming: true }

async function text(response: WireResponse): Promise<string> {
  const { values, error } = await collect(response.body)
  if (error !== undefined) throw error
  return Buffer.concat(values).toString()
}

function closing(transport: Transport): Transport & AsyncDisposable {
  return { ...transport, [Symbol.asyncDispose]: () => transport.close() }
}

function to(daemon: Daemon, options: Parameters<typeof transportTo>[1] = {}): Transport & AsyncDisposable {
  return closing(transportTo(daemon, options))
}

function raw(answer: (socket: Socket, head: string) => void): Promise<Daemon> {
  return rawDaemon((socket) => onRequest(socket, (head) => answer(socket, head)))
}

const bodies: readonly [what: string, answer: string, close: boolean][] = [
  ['of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', false],
  ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n', false],
  ['that ends with its connection', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello', true],
  ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nhello', true],
  ['behind 103', 'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', false],
]
for (const [what, answer, close] of bodies) {
  test(`a body ${what} is whole, however the bytes are cut`, async () => {
    for (const size of [1, 7, 1000]) {
      await using daemon = await raw((socket) => {
        void (async () => {
          socket.setNoDelay(true)
          for (let at = 0; at < answer.length; at += size) {
            socket.write(answer.slice(at, at + size))
            await new Promise((resolve) => setImmediate(resolve))
          }
          if (close) socket.end()
        })()
      })
      await using transport = to(daemon)
      for (const request of [GET, STREAM]) assert.equal(await text(await transport.request(request)), 'hello')
    }
  })
}

const cuts: readonly [what: string, answer: string][] = [
  ['before the status', ''],
  ['inside the headers', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ['inside a body of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'],
  ['inside a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello'],
  ['before the last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
]
for (const [what, answer] of cuts) {
  test(`a connection that is cut ${what} is an error, not a short answer`, async () => {
    await using daemon = await raw((socket) => socket.end(answer))
    await using transport = to(daemon)
    for (const request of [GET, STREAM]) {
      await assert.rejects(
        async () => text(await transport.request(request)),
        (error) => hasCode(error, 'CONNECTION_LOST', 'PROTOCOL_VIOLATION'),
      )
    }
  })
}

test('what does not speak HTTP is a protocol error', async () => {
  await using daemon = await raw((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'))
  await using transport = to(daemon)
  await assert.rejects(transport.request(GET), (error) => hasCode(error, 'PROTOCOL_VIOLATION'))
})

test('HEAD, 204 and 304 have no body, and the next call works', async () => {
  await using daemon = await httpDaemon((request, response) => {
    if (request.method === 'HEAD') response.writeHead(200, { 'Content-Length': '5' }).end()
    else response.writeHead(request.method === 'GET' ? 304 : 204).end()
  })
  await using transport = to(daemon)
  for (const method of ['HEAD', 'GET', 'DELETE', 'HEAD', 'GET'] as const) {
    const response = await transport.request({ ...GET, method })
    assert.equal(await text(response), '')
  }
})

test('a reader that stalls stalls the engine, and then gets everything', async () => {
  const size = 16 << 20
  let sent = 0
  await using daemon = await httpDaemon(async (_, response) => {
    const chunk = Buffer.alloc(65_536, 120)
    while (sent < size && !response.destroyed) {
      sent += chunk.length
      if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve))
    }
    response.end()
  })
  await using transport = to(daemon)
  const { body } = await transport.request(STREAM)
  let before = -1
  while (before !== sent) {
    before = sent
    await delay(50)
  }
  assert.ok(sent < 4 << 20, `the engine could send ${sent} bytes`)
  let got = 0
  for await (const chunk of body) got += chunk.length
  assert.equal(got, size)
})

test('a stream never waits for short calls, nor they for it', async () => {
  await using daemon = await httpDaemon((request, response) => {
    if (request.url === '/stream') response.write('x')
    else if (request.url !== '/hang') response.end('short')
  })
  await using transport = to(daemon, { connections: 1 })
  const streams = await Promise.all(Array.from({ length: 20 }, () => transport.request({ ...STREAM, path: '/stream' })))
  assert.equal(await text(await transport.request(GET)), 'short')
  const hanging = transport.request({ ...GET, path: '/hang' }).catch(() => {})
  const more = await transport.request({ ...STREAM, path: '/stream' })
  for (const { body } of [...streams, more]) body.cancel()
  await transport.close()
  await hanging
})

test('short calls share few connections and use them again', async () => {
  await using daemon = await httpDaemon(async (request, response) => {
    await delay(1)
    response.end(request.url)
  })
  await using transport = to(daemon, { connections: 3 })
  const paths = Array.from({ length: 30 }, (_, i) => `/${i}`)
  const answers = await Promise.all(paths.map(async (path) => text(await transport.request({ ...GET, path }))))
  assert.deepEqual(answers, paths)
  assert.equal(daemon.accepted(), 3)
})

test('calls wait for a connection in their order', async () => {
  await using daemon = await httpDaemon((_, response) => void response.end())
  await using transport = to(daemon, { connections: 1 })
  const paths = Array.from({ length: 10 }, (_, i) => `/${i}`)
  await Promise.all(paths.map(async (path) => text(await transport.request({ ...GET, path }))))
  assert.deepEqual(
    daemon.seen,
    paths.map((path) => `GET ${path}`),
  )
})

test('calls that wait for a connection to an engine that is not there all fail', async () => {
  await using daemon = await httpDaemon(() => {})
  await daemon.stop()
  await using transport = to(daemon, { connections: 3 })
  const results = await Promise.allSettled(Array.from({ length: 40 }, () => transport.request(GET)))
  assert.ok(results.every((result) => result.status === 'rejected' && isUnreachable(result.reason)))
})

test('an abort while a call waits for a connection sends nothing of it', async () => {
  let release: (() => void) | undefined
  await using daemon = await httpDaemon((_, response) => {
    release = () => void response.end('x')
  })
  await using transport = to(daemon, { connections: 1 })
  const first = transport.request(GET)
  const controller = new AbortController()
  const queued = transport.request({ ...GET, path: '/queued', signal: controller.signal })
  await until('the first is there', () => daemon.seen.length === 1)
  controller.abort()
  await assert.rejects(queued, (error) => hasCode(error, 'ABORTED'))
  release?.()
  await text(await first)
  const last = transport.request({ ...GET, path: '/last' })
  await until('the last is there', () => daemon.seen.length === 2)
  release?.()
  await text(await last)
  assert.deepEqual(daemon.seen, ['GET /x', 'GET /last'])
})

test('an abort opens no other connection in place of the one that it closed', async () => {
  await using daemon = await httpDaemon((_, response) => void response.write('x'))
  await using transport = to(daemon)
  for (const request of [GET, STREAM]) {
    const { body } = await transport.request(request)
    body.cancel()
    await until('it is closed', () => daemon.open.size === 0)
  }
  await delay(20)
  assert.deepEqual([daemon.accepted(), daemon.open.size], [2, 0])
})

test('a deadline for headers and one for silence are timeouts of their own', async () => {
  await using daemon = await httpDaemon((request, response) => {
    if (request.url === '/silent') response.write('x')
  })
  await using transport = to(daemon)
  await assert.rejects(transport.request({ ...GET, headersTimeout: 20 }), (error) => hasCode(error, 'TIMEOUT'))
  const response = await transport.request({ ...GET, path: '/silent', idleTimeout: 20 })
  const { values, error } = await collect(response.body)
  assert.deepEqual([values.length, hasCode(error, 'TIMEOUT')], [1, true])
  await until('the connections are closed', () => daemon.open.size === 0)
})

test('silence is not held against the engine while the reader stalls', async () => {
  await using daemon = await httpDaemon((_, response) => void response.end(Buffer.alloc(4 << 20)))
  await using transport = to(daemon)
  const { body } = await transport.request({ ...STREAM, idleTimeout: 20 })
  await delay(60)
  let got = 0
  for await (const chunk of body) got += chunk.length
  assert.equal(got, 4 << 20)
})

test('an upload arrives in chunks, and its connection is not used again', async () => {
  let got = ''
  await using daemon = await httpDaemon(async (request, response) => {
    got = `${request.headers['transfer-encoding']} ${request.headers.connection} `
    for await (const chunk of request) got += String(chunk)
    response.end('ok')
  })
  await using transport = to(daemon)
  for (const body of [source([bytes('ab'), bytes('cd')]), Readable.from([bytes('ab'), bytes('cd')])]) {
    assert.equal(await text(await transport.request({ ...GET, method: 'PUT', body })), 'ok')
    assert.equal(got, 'chunked close abcd')
  }
  assert.equal(daemon.accepted(), 2)
})

test('an upload whose source fails is an error that says so, the engine is cut off, and the next call works', async () => {
  let cut = 0
  await using daemon = await httpDaemon((request, response) => {
    if (request.method === 'GET') response.end('ok')
    else request.resume().on('error', () => cut++)
  })
  await using transport = to(daemon)
  await assert.rejects(
    transport.request({ ...GET, method: 'PUT', body: broken() }),
    (error) => hasCode(error, 'ABORTED') && /disk on fire/.test(error.message),
  )
  await until('the engine saw it', () => cut === 1)
  assert.equal(await text(await transport.request(GET)), 'ok')
})

test('an answer before the upload ended counts, and the source is left', async () => {
  await using daemon = await raw((socket, head) => {
    socket.write(`HTTP/1.1 ${head.startsWith('PUT') ? '400 Bad Request' : '200 OK'}\r\nContent-Length: 2\r\n\r\nno`)
  })
  await using transport = to(daemon)
  const endless = source(
    (function* () {
      for (let i = 0; i < 1e6; i++) yield new Uint8Array(65_536)
    })(),
  )
  const response = await transport.request({ ...GET, method: 'PUT', body: endless })
  assert.deepEqual([response.status, await text(response)], [400, 'no'])
  await until('the source is left', () => endless.left)
  assert.equal((await transport.request(GET)).status, 200)
})

test('an upload that is aborted before it began leaves its source', async () => {
  await using daemon = await httpDaemon(() => {})
  await using transport = to(daemon, { connections: 1 })
  const hanging = transport.request(GET).catch(() => {})
  const controller = new AbortController()
  const body = new Readable({ read: () => {} })
  const queued = transport.request({ ...GET, method: 'PUT', body, signal: controller.signal })
  controller.abort()
  await assert.rejects(queued, (error) => hasCode(error, 'ABORTED'))
  assert.equal(body.destroyed, true)
  await transport.close()
  await hanging
})

test('an upgrade keeps the bytes behind its head, goes both ways, and can be half-closed', async () => {
  await using daemon = await raw((socket, head) => {
    assert.match(head, /^POST \/x HTTP\/1\.1\r\n(?:.*\r\n)*connection: upgrade\r\nupgrade: tcp/i)
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: a/b\r\n\r\nglued,')
    socket.on('end', () => socket.end('bye'))
  })
  await using transport = to(daemon)
  const headers = { Upgrade: 'tcp', Connection: 'Upgrade' }
  const { status, headers: got, socket } = await transport.request({ ...GET, method: 'POST', upgrade: true, headers })
  assert.deepEqual([status, got['content-type']], [101, 'a/b'])
  assert.ok(socket !== undefined)
  socket.end('hello')
  let all = ''
  for await (const chunk of socket) all += String(chunk)
  assert.equal(all, 'glued,bye')
})

test('an upgrade that is answered otherwise is an answer like any other', async () => {
  for (const status of ['200 OK', '404 Not Found', '409 Conflict']) {
    await using daemon = await raw((socket) => void socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 2\r\n\r\nno`))
    await using transport = to(daemon)
    const response = await transport.request({ ...GET, method: 'POST', upgrade: true })
    assert.deepEqual([`${response.status}`, response.socket], [status.slice(0, 3), undefined])
    assert.equal(await text(response), 'no')
  }
})

test('an upgrade that nobody asked for is an error', async () => {
  await using daemon = await raw(
    (socket) => void socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'),
  )
  await using transport = to(daemon)
  await assert.rejects(transport.request(GET), (error) => hasCode(error, 'CONNECTION_LOST', 'PROTOCOL_VIOLATION'))
})

test('close() ends what is under way, streams and raw connections too, and refuses what comes later', async () => {
  await using daemon = await raw((socket, head) => {
    if (head.includes('upgrade')) socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
    else if (head.includes('/stream')) socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n')
  })
  await using transport = to(daemon, { connections: 1 })
  const waiting = [transport.request(GET), transport.request(GET)]
  const stream = await transport.request({ ...STREAM, path: '/stream' })
  const { socket } = await transport.request({ ...GET, method: 'POST', upgrade: true })
  const outcomes = [...waiting, collect(stream.body).then(({ error }) => Promise.reject(error as Error))]
  const settled = Promise.allSettled(outcomes)
  await transport.close()
  for (const result of await settled) assert.ok(result.status === 'rejected' && hasCode(result.reason, 'ABORTED'))
  assert.equal(socket?.destroyed, true)
  await assert.rejects(transport.request(GET), (error) => hasCode(error, 'ABORTED') && /closed/.test(error.message))
  await until('every connection is closed', () => daemon.open.size === 0)
})

test('the first call after a restart of the engine works, for every connection that was kept', async () => {
  await using daemon = await httpDaemon((request, response) => void response.end(request.method))
  await using transport = to(daemon)
  for (let round = 0; round < 5; round++) {
    const before = Array.from({ length: 8 }, async () => text(await transport.request(GET)))
    assert.deepEqual(new Set(await Promise.all(before)), new Set(['GET']))
    await daemon.stop()
    await daemon.start()
    const after = Array.from({ length: 8 }, async () => text(await transport.request({ ...GET, method: 'POST' })))
    assert.deepEqual(new Set(await Promise.all(after)), new Set(['POST']))
  }
})

test('so does the first call after a restart that this process was too busy to notice', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-restart-'))
  const socketPath = join(dir, 'docker.sock')
  let engine = startEngineBlocking(socketPath)
  await using transport = closing(transportTo({ socketPath }))
  try {
    assert.equal(await text(await transport.request(GET)), 'ok')
    await delay(20)
    // In the callback of a file read, because there undici's own look comes before the end of the connection is seen.
    const first = await new Promise<Promise<WireResponse>[]>((resolve) => {
      readFile('/dev/null', () => {
        engine.kill('SIGKILL')
        engine = startEngineBlocking(socketPath)
        resolve([transport.request({ ...GET, method: 'POST' })])
      })
    })
    for (const call of first) assert.equal(await text(await call), 'ok')
  } finally {
    engine.kill('SIGKILL')
    await rm(dir, { recursive: true })
  }
})

test('what may change something is never sent twice: a cut request was seen once', async () => {
  let seen = 0
  await using daemon = await raw((socket, head) => {
    if (head.includes('/first')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    else {
      seen++
      socket.destroy()
    }
  })
  await using transport = to(daemon, { connections: 1 })
  for (const method of ['PUT', 'POST', 'DELETE'] as const) {
    await transport.request({ ...GET, path: '/first' })
    await assert.rejects(transport.request({ ...GET, method }), (error) => hasCode(error, 'CONNECTION_LOST'))
  }
  assert.equal(seen, 3)
})

test('a header or deadline that cannot be sent is refused as such, and the next call works', async () => {
  await using daemon = await httpDaemon((_, response) => void response.end('ok'))
  await using transport = to(daemon, { connections: 1 })
  for (const wrong of [{ headers: { 'X-Bad': 'a\r\nb' } }, { headersTimeout: -1 }, { idleTimeout: Number.NaN }])
    await assert.rejects(transport.request({ ...GET, ...wrong }), (error) => hasCode(error, 'INPUT_INVALID'))
  assert.equal(await text(await transport.request(GET)), 'ok')
})

test('500 calls that are aborted at random moments leave no descriptor, no timer and no unhandled rejection', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  await using daemon = await raw((socket, head) => {
    if (head.includes('upgrade'))
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nglued')
    else if (head.includes('/slow')) setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), 5)
    else socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n')
  })
  const before = descriptors()
  const transport = transportTo(daemon)
  const kinds: readonly Partial<WireRequest>[] = [
    {},
    { path: '/slow' },
    { streaming: true },
    { method: 'POST', upgrade: true },
    { method: 'PUT', body: source([bytes('a')]) },
  ]
  await Promise.all(
    Array.from({ length: 500 }, async (_, i) => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(), Math.random() * 40)
      try {
        const response = await transport.request({ ...GET, ...kinds[i % kinds.length], signal: controller.signal })
        if (i % 3 === 0) await collect(response.body)
        else if (i % 3 === 1) response.body.cancel()
        if (response.socket !== undefined) await collect(response.socket as AsyncIterable<Uint8Array>)
      } catch (error) {
        assert.ok(hasCode(error, 'ABORTED'), String(error))
      }
    }),
  )
  await until('idle connections are all that is open', () => daemon.open.size <= 16)
  await transport.close()
  await until('descriptors are where they were', () => descriptors() <= before)
  process.off('unhandledRejection', note)
  assert.deepEqual(unhandled, [])
})

// Answers the first request of each connection, and does `then` with the next one.
async function closesWhenUsedAgain(then: (socket: Socket) => void): Promise<{ daemon: Daemon; heads: string[] }> {
  const heads: string[] = []
  const daemon = await rawDaemon((socket) => {
    let asked = 0
    onRequest(socket, (head) => {
      heads.push(head.split(' ', 1)[0] as string)
      if (asked++ === 0) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello')
      else then(socket)
    })
  })
  return { daemon, heads }
}

for (const method of ['GET', 'HEAD'] as const) {
  test(`a ${method} on an idle connection that closes under it is repeated once`, async () => {
    const { daemon, heads } = await closesWhenUsedAgain((socket) => socket.destroy())
    await using _ = daemon
    await using transport = to(daemon)
    await text(await transport.request(GET))
    assert.equal((await transport.request({ ...GET, method })).status, 200)
    assert.deepEqual(heads, ['GET', method, method])
  })
}

const unrepeated: readonly [what: string, request: WireRequest, then: (socket: Socket) => void][] = [
  ['a POST', { ...GET, method: 'POST' }, (socket) => socket.destroy()],
  ['a DELETE', { ...GET, method: 'DELETE' }, (socket) => socket.destroy()],
  ['a GET with a body', { ...GET, body: 'x' }, (socket) => socket.destroy()],
  ['a GET of which an answer began', GET, (socket) => socket.end('HTTP/1.1 2')],
]
for (const [what, request, then] of unrepeated) {
  test(`${what} is not repeated when its idle connection closes`, async () => {
    const { daemon, heads } = await closesWhenUsedAgain(then)
    await using _ = daemon
    await using transport = to(daemon)
    await text(await transport.request(GET))
    await assert.rejects(transport.request(request), (error) => hasCode(error, 'CONNECTION_LOST', 'PROTOCOL_VIOLATION'))
    assert.equal(heads.length, 2)
  })
}

test('a GET on a new connection is not repeated, and a repeated one is not repeated again', async () => {
  let asked = 0
  await using daemon = await raw((socket) => {
    asked++
    if (asked === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello')
    else socket.destroy()
  })
  await using transport = to(daemon)
  await text(await transport.request(GET))
  await assert.rejects(transport.request(GET), (error) => hasCode(error, 'CONNECTION_LOST'))
  assert.equal(asked, 3)
  await assert.rejects(transport.request(GET), (error) => hasCode(error, 'CONNECTION_LOST'))
  assert.equal(asked, 4)
})
