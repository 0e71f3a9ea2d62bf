import assert from 'node:assert/strict'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { test } from 'node:test'

import { serve } from '../../lib/testing/serve.ts'
import { jsonReply, splitTarget } from '../../lib/testing/served.ts'
import { ask } from '../support/raw-http.ts'

test('the socket and its temporary directory are gone after close, and closing twice is harmless', async () => {
  const served = await serve(async () => jsonReply(200, {}))
  assert.equal(served.host, `unix://${served.socketPath}`)
  await ask(served.socketPath, 'GET /')
  await served.close()
  await served.close()
  await assert.rejects(access(dirname(served.socketPath)), { code: 'ENOENT' })
})

test('close cuts what is under way, raw connections too', async () => {
  const headers = ['Connection', 'Upgrade', 'Upgrade', 'tcp']
  const served = await serve(async () => ({ ...jsonReply(101, {}), headers, upgraded: () => {} }))
  const socket = connect(served.socketPath)
  socket.write('POST /exec/e/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
  await once(socket, 'data')
  const closed = once(socket, 'close')
  await served.close()
  await closed
})

test('an upgrade that is refused is answered, and its connection ends', async () => {
  await using served = await serve(async () => jsonReply(404, { message: 'no such exec' }))
  const socket = connect(served.socketPath)
  let received = ''
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
  socket.write('POST /exec/e/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
  await once(socket, 'close')
  assert.match(received, /^HTTP\/1\.1 404 Not Found\r\n/)
  assert.match(received, /\r\nConnection: close\r\n\r\n\{"message":"no such exec"\}$/)
})

test('a handler that throws cuts the connection', async () => {
  await using served = await serve(() => Promise.reject(new Error('no')))
  await assert.rejects(ask(served.socketPath, 'GET /'), { code: 'ECONNRESET' })
})

test('a target is split into path and query, without its version', () => {
  assert.deepEqual(splitTarget('/v1.41/containers/json?all=1'), { path: '/containers/json', query: 'all=1' })
  assert.deepEqual(splitTarget('/version'), { path: '/version', query: '' })
  assert.deepEqual(splitTarget('/v1.41'), { path: '/v1.41', query: '' })
})
