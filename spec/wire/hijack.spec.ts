import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'

import { hasCode, isConflict, isNotFound } from '../../lib/base/errors.ts'
import { connect } from '../../lib/engine/connect.ts'
import { onRequest, rawDaemon } from '../support/daemon.ts'
import { until } from '../support/until.ts'
import { wireTo } from '../support/wire.ts'

const ATTACH = { method: 'POST', path: '/containers/x/attach' } as const
const SWITCHED =
  'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n' +
  'Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n'

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all).toString()
}

test('bytes that came in the same packet as the 101 are not lost', async () => {
  await using daemon = await rawDaemon((socket) => onRequest(socket, () => socket.end(`${SWITCHED}early bytes`)))
  await using wire = wireTo(daemon, '1.44')
  const connection = await wire.upgrade(ATTACH)
  assert.equal(connection.contentType, 'application/vnd.docker.multiplexed-stream')
  assert.equal(await textOf(connection.output), 'early bytes')
})

test('the request asks for tcp, and for another protocol when told so', async () => {
  const heads: string[] = []
  await using daemon = await rawDaemon((socket) =>
    onRequest(socket, (head) => {
      heads.push(head)
      socket.end(SWITCHED)
    }),
  )
  await using wire = wireTo(daemon, '1.44')
  await textOf((await wire.upgrade(ATTACH)).output)
  await textOf((await wire.upgrade({ ...ATTACH, method: 'GET', protocol: 'websocket' })).output)
  assert.match(heads[0] ?? '', /\r\nupgrade: tcp/i)
  assert.match(heads[1] ?? '', /\r\nupgrade: websocket/i)
})

test('ending the input closes that half, and the answer to it still comes', async () => {
  await using daemon = await rawDaemon((socket) => {
    let seen = ''
    socket.allowHalfOpen = true
    onRequest(socket, () => {
      socket.removeAllListeners('data')
      socket.on('data', (chunk: Buffer) => (seen += String(chunk)))
      socket.on('end', () => socket.end(`read ${seen}`))
      socket.write(SWITCHED)
    })
  })
  await using wire = wireTo(daemon, '1.44')
  const { input, output } = await wire.upgrade(ATTACH)
  input?.end('some words')
  assert.equal(await textOf(output), 'read some words')
})

test('a proxy that answers 200 gives output and no input', async () => {
  await using daemon = await rawDaemon((socket) =>
    onRequest(socket, () => socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nonly output')),
  )
  await using wire = wireTo(daemon, '1.44')
  const connection = await wire.upgrade(ATTACH)
  assert.equal(connection.input, undefined)
  assert.equal(await textOf(connection.output), 'only output')
})

test('a refusal keeps its status and words', async () => {
  const refusals = [
    ['404 Not Found', isNotFound],
    ['409 Conflict', isConflict],
  ] as const
  for (const [status, isExpected] of refusals) {
    const body = '{"message":"said so"}'
    const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
    await using daemon = await rawDaemon((socket) => onRequest(socket, () => socket.end(head + body)))
    await using wire = wireTo(daemon, '1.44')
    await assert.rejects(wire.upgrade(ATTACH), (error) => isExpected(error) && error.words === 'said so')
  }
})

test('a signal ends the connection, also long after it was made', async () => {
  await using daemon = await rawDaemon((socket) => onRequest(socket, () => socket.write(`${SWITCHED}begin`)))
  await using wire = wireTo(daemon, '1.44')
  const controller = new AbortController()
  const { output } = await wire.upgrade({ ...ATTACH, call: { signal: controller.signal } })
  const reading = textOf(output)
  controller.abort()
  await assert.rejects(reading, (error) => hasCode(error, 'ABORTED'))
  await until('the connection is closed', () => daemon.open.size === 0)
})

test('the deadline of the whole call holds for the connection too', async () => {
  await using daemon = await rawDaemon((socket) => onRequest(socket, () => socket.write(SWITCHED)))
  await using wire = wireTo(daemon, '1.44')
  const { output } = await wire.upgrade({ ...ATTACH, call: { timeout: 30 } })
  await assert.rejects(textOf(output), (error) => hasCode(error, 'TIMEOUT'))
})

test('a connection that is reset is an error', async () => {
  const server = createServer((socket) =>
    onRequest(socket, () => socket.write(SWITCHED, () => setTimeout(() => socket.resetAndDestroy(), 20))),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    await using docker = await connect({ host: `tcp://127.0.0.1:${port}`, apiVersion: '1.44' })
    const session = await docker.containers.attach('x', { beforeStart: true })
    await assert.rejects(session.text(), (error) => hasCode(error, 'CONNECTION_LOST'))
  } finally {
    server.close()
  }
})

test('a connection that its reader leaves or closes is not an error', async () => {
  await using daemon = await rawDaemon((socket) => onRequest(socket, () => socket.write(`${SWITCHED}begin`)))
  await using wire = wireTo(daemon, '1.44')
  const closed = await wire.upgrade(ATTACH)
  const reading = textOf(closed.output)
  closed.close()
  assert.match(await reading, /^(?:begin)?$/)

  for await (const _ of (await wire.upgrade(ATTACH)).output) break
  await until('all connections are closed', () => daemon.open.size === 0)
})

test('a reader that waits makes the engine wait', async () => {
  let written = 0
  await using daemon = await rawDaemon((socket) =>
    onRequest(socket, () => {
      socket.write(SWITCHED)
      const more = (): void => {
        while (!socket.destroyed && written < 64 << 20) {
          written += 65_536
          if (!socket.write(Buffer.alloc(65_536))) return void socket.once('drain', more)
        }
      }
      more()
    }),
  )
  await using wire = wireTo(daemon, '1.44')
  const connection = await wire.upgrade(ATTACH)
  const reader = connection.output[Symbol.asyncIterator]()
  await reader.next()
  let before = -1
  await until('the engine stopped writing', () => {
    const still = before === written
    before = written
    return still
  })
  assert.ok(written < 8 << 20, `${written} bytes were taken from the engine`)
  connection.close()
})
