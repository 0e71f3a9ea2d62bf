import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { test } from 'node:test'

import { modelEngine } from '../../lib/testing/model/engine.ts'
import { replay } from '../../lib/testing/replay.ts'
import { serve } from '../../lib/testing/serve.ts'
import { encode, exchange } from '../support/exchanges.ts'
import { ask } from '../support/raw-http.ts'

const HEAD = 'POST /exec/e/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n'
const UPGRADE = ['Connection', 'Upgrade', 'Upgrade', 'tcp']

/** What a server makes of a request for a raw connection that comes in these pieces: its body, and the raw bytes. */
async function sent(...pieces: string[]): Promise<{ body: string; raw: string }> {
  let body = ''
  let raw = ''
  let end = (): void => {}
  const ended = new Promise<void>((resolve) => (end = resolve))
  await using served = await serve(async (request) => {
    body = request.body.toString()
    const upgraded = (client: Duplex): void => {
      client.on('data', (chunk: Buffer) => (raw += chunk.toString())).on('end', end)
      client.resume()
    }
    return { status: 101, headers: UPGRADE, body: nothing(), upgraded }
  })
  const socket = connect({ path: served.socketPath, allowHalfOpen: true })
  for (const piece of pieces) {
    socket.write(piece)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  socket.end()
  await ended
  socket.destroy()
  return { body, raw }
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}

for (const [how, pieces] of [
  ['in one packet with the head and the raw bytes', [`${HEAD}Content-Length: 5\r\n\r\nhelloraw`]],
  ['in pieces', [`${HEAD}Content-Length: 5\r\n\r\nhe`, 'l', 'loraw']],
  ['after the head', [`${HEAD}Content-Length: 5\r\n\r\n`, 'hello', 'raw']],
  ['in chunks of HTTP', [`${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3`, '\r\nllo\r\n0\r\n\r\nraw']],
] as const) {
  test(`the body of an upgrade request is read by its length when it comes ${how}`, async () => {
    assert.deepEqual(await sent(...pieces), { body: 'hello', raw: 'raw' })
  })
}

test('an upgrade request without a body leaves all that follows to the raw connection', async () => {
  assert.deepEqual(await sent(`${HEAD}\r\nraw`), { body: '', raw: 'raw' })
})

/** The first packet of the answer to a request for a raw connection. */
async function firstPacket(socketPath: string, path: string, body: string): Promise<string> {
  const socket = connect(socketPath)
  const length = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  socket.write(HEAD.replace('/exec/e/start', path) + length + body)
  const [first] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return first.toString('latin1')
}

test('the first bytes of a replayed raw connection do not share the packet of its head', async () => {
  const upgrade = [
    { from: 'engine' as const, data: encode('out') },
    { from: 'engine' as const, data: null },
  ]
  const recorded = exchange('POST /exec/e/start', [], { response: { status: 101 }, more: { upgrade } })
  await using served = await replay([recorded])
  assert.match(await firstPacket(served.socketPath, '/exec/e/start', ''), /^HTTP\/1\.1 101 .*\r\n\r\n$/s)
})

test('the first bytes of an exec on the model do not share the packet of its head', async () => {
  await using model = modelEngine({
    images: { app: { config: { Cmd: ['serve'] } } },
    containers: [{ name: 'web', Image: 'app' }],
  })
  const { socketPath } = await model.listen()
  const created = await ask(socketPath, 'POST /containers/web/exec', '{"Cmd":["echo","hi"],"AttachStdout":true}', {
    headers: { 'Content-Type': 'application/json' },
  })
  const { Id } = JSON.parse(Buffer.concat(created.chunks).toString()) as { Id: string }
  assert.match(await firstPacket(socketPath, `/exec/${Id}/start`, '{}'), /^HTTP\/1\.1 101 .*\r\n\r\n$/s)
})
