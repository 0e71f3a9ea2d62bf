import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { connect } from '../../lib/engine/connect.ts'
import { onRequest, rawDaemon, type Daemon } from '../support/daemon.ts'
import { until } from '../support/until.ts'

const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

function served(opcode: number, text: string): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, text.length]), Buffer.from(text)])
}

async function session(daemon: Daemon) {
  const docker = await connect({ host: daemon.host, apiVersion: '1.44' })
  return docker.containers.attachWebsocket('c', { stdin: true })
}

test('output is the payload of text and binary frames until the close', async () => {
  let head = ''
  await using daemon = await rawDaemon((socket) =>
    onRequest(socket, (text) => {
      head = text
      socket.write(Buffer.concat([Buffer.from(SWITCHED), served(2, 'one '), served(1, 'two'), served(8, '')]))
    }),
  )
  using socket = await session(daemon)
  assert.equal(await socket.text(), 'one two')
  assert.match(head, /^GET \/v1\.44\/containers\/c\/attach\/ws\?/)
  assert.match(head, /\r\nupgrade: websocket/i)
  assert.match(head, /\r\nsec-websocket-version: 13/i)
  assert.match(head, /\r\norigin: /i)
})

test('what is sent goes in masked frames, and a ping is answered', async () => {
  const received: Buffer[] = []
  await using daemon = await rawDaemon((socket) =>
    onRequest(socket, () => {
      socket.removeAllListeners('data')
      socket.on('data', (chunk: Buffer) => received.push(chunk))
      socket.write(Buffer.concat([Buffer.from(SWITCHED), served(9, 'hi')]))
    }),
  )
  using socket = await session(daemon)
  await socket.send('abc')
  const reading = socket.text()
  await until('both frames came', () => Buffer.concat(received).length >= 9 + 8)
  const [first, second] = [Buffer.concat(received).subarray(0, 9), Buffer.concat(received).subarray(9)]
  assert.deepEqual([first[0], first[1], (first[6] ?? 0) ^ (first[2] ?? 0)], [0x82, 0x83, 'a'.charCodeAt(0)])
  assert.deepEqual([second[0], second[1], (second[6] ?? 0) ^ (second[2] ?? 0)], [0x8a, 0x82, 'h'.charCodeAt(0)])
  socket.close()
  assert.equal(await reading, '')
  await assert.rejects(socket.send('late'), (error) => hasCode(error, 'CONNECTION_LOST'))
})

test('an engine or proxy that does not switch is a protocol error', async () => {
  await using daemon = await rawDaemon((socket) =>
    onRequest(socket, () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')),
  )
  await assert.rejects(session(daemon), (error) => hasCode(error, 'PROTOCOL_VIOLATION'))
})
