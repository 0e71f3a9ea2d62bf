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
  return docker.containers.attachWebsocket('c', { stdin: true, beforeStart: true })
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

function closed(code: number, words = ''): Buffer {
  const data = Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(words)])
  return Buffer.concat([Buffer.from([0x88, data.length]), data])
}

async function outputOf(...parts: readonly Buffer[]): Promise<{ said: string; error: unknown }> {
  await using daemon = await rawDaemon((socket) =>
    onRequest(socket, () => socket.end(Buffer.concat([Buffer.from(SWITCHED), ...parts]))),
  )
  using socket = await session(daemon)
  let said = ''
  try {
    for await (const chunk of socket) said += Buffer.from(chunk).toString()
    return { said, error: undefined }
  } catch (error) {
    return { said, error }
  }
}

for (const code of [1002, 1006, 1011, 1012, 4000]) {
  test(`a close with code ${code} is an error behind what came before it`, async () => {
    const { said, error } = await outputOf(served(2, 'begin'), closed(code, 'out of memory'))
    assert.equal(said, 'begin')
    assert.ok(hasCode(error, 'CONNECTION_LOST'), String(error))
    assert.match(error.message, new RegExp(`code ${code}: out of memory`))
  })
}

for (const code of [1000, 1001]) {
  test(`a close with code ${code} is the end`, async () => {
    assert.deepEqual(await outputOf(served(2, 'all'), closed(code)), { said: 'all', error: undefined })
  })
}

for (const length of [1, 2, 4]) {
  test(`a WebSocket that is cut ${length} bytes into a frame is an error`, async () => {
    const { said, error } = await outputOf(served(2, 'begin'), served(2, 'rest').subarray(0, length))
    assert.equal(said, 'begin')
    assert.ok(hasCode(error, 'PROTOCOL_VIOLATION'), String(error))
  })
}
