import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { saveExchanges } from '../../lib/testing/exchange-file.ts'
import { replay } from '../../lib/testing/replay.ts'
import { encode, exchange } from '../support/exchanges.ts'
import { ask, hijack } from '../support/raw-http.ts'

const text = (chunks: readonly Buffer[]): string[] => chunks.map((chunk) => chunk.toString())

test('an answer comes with its status, headers and recorded chunks, and verify is content', async () => {
  await using served = await replay([
    exchange('GET /a', ['one', 'two'], { response: { status: 201, headers: { 'api-version': '1.41' } } }),
  ])
  const reply = await ask(served.socketPath, 'GET /v1.41/a')
  assert.equal(reply.status, 201)
  assert.equal(reply.headers['api-version'], '1.41')
  assert.deepEqual(text(reply.chunks), ['one', 'two'])
  served.verify()
})

for (const [size, chunks] of [
  [1, ['o', 'n', 'e', 't', 'w', 'o']],
  [4, ['onet', 'wo']],
  [100, ['onetwo']],
] as const) {
  test(`with a chunk size of ${size} the same bytes come in chunks of it`, async () => {
    await using served = await replay([exchange('GET /a', ['one', 'two'])], { chunkSize: size })
    assert.deepEqual(text((await ask(served.socketPath, 'GET /a')).chunks), chunks)
  })
}

test('a request that was not recorded is answered by a 501 that says so, and fails verify', async () => {
  await using served = await replay([exchange('GET /a', [])])
  await ask(served.socketPath, 'GET /a')
  const reply = await ask(served.socketPath, 'POST /a', '{"x":1}')
  const message =
    'not recorded: POST /a with a body of 7 characters; closest is GET /a, ' +
    'which differs in method and body at $: asked {"x":1}, recorded nothing'
  assert.equal(reply.status, 501)
  assert.deepEqual(JSON.parse(text(reply.chunks).join('')), { message })
  assert.throws(() => served.verify(), {
    code: 'REPLAY_MISMATCH',
    message: `the replay differs from the recording:\n- ${message}`,
  })
})

test('one value that changed is named, of the recorded call that is closest', async () => {
  const body = (name: string, memory: number) => ({
    Image: 'app',
    Env: ['A=1', 'B=2'],
    Labels: { name },
    Memory: memory,
  })
  await using served = await replay([
    exchange('POST /containers/create', ['one'], { request: { body: body('one', 1) } }),
    exchange('POST /containers/create', ['two'], { request: { body: body('two', 2) } }),
  ])
  const asked = { ...body('two', 3), Env: ['B=2', 'A=1'] }
  await ask(served.socketPath, 'POST /containers/create', JSON.stringify(asked))
  assert.match(served.problems[0] ?? '', /differs in body at \$\.Memory: asked 3, recorded 2$/)
})

test('environment, binds and aliases may come in another order', async () => {
  const recorded = { Env: ['A=1', 'B=2'], HostConfig: { Binds: ['a:/a', 'b:/b'] }, Cmd: ['x', 'y'] }
  await using served = await replay([exchange('POST /containers/create', ['{}'], { request: { body: recorded } })])
  const asked = { Env: ['B=2', 'A=1'], HostConfig: { Binds: ['b:/b', 'a:/a'] }, Cmd: ['x', 'y'] }
  await ask(served.socketPath, 'POST /containers/create', JSON.stringify(asked))
  served.verify()
})

test('what a recording replaces is replaced in what its replay is asked', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-spec-'))
  try {
    const replace = [
      [/session-\d+/, 'session-0'],
      ['host-7', 'host'],
    ] as const
    const recorded = exchange('GET /host?s=session-0', ['there'])
    await saveExchanges(join(dir, 'a.json'), [recorded], { replace })
    await saveExchanges(join(dir, 'b.json'), [exchange('GET /host-7', ['as it is'])])
    await using served = await replay(dir)
    assert.deepEqual(text((await ask(served.socketPath, 'GET /host-7?s=session-123')).chunks), ['there'])
    assert.deepEqual(text((await ask(served.socketPath, 'GET /host-7')).chunks), ['as it is'])
    served.verify()
  } finally {
    await rm(dir, { recursive: true })
  }
})

test('a value that was recorded before its name counted as a secret still matches', async () => {
  await using served = await replay([exchange('POST /a', ['ok'], { request: { body: { Env: ['A_TOKEN=plain'] } } })])
  assert.equal((await ask(served.socketPath, 'POST /a', '{"Env":["A_TOKEN=plain"]}')).status, 200)
})

test('verify names what was never asked for', async () => {
  await using served = await replay([exchange('GET /a', [])])
  assert.throws(() => served.verify(), { code: 'REPLAY_MISMATCH', message: /not asked: GET \/a/ })
})

test('a reset cuts the connection without an answer', async () => {
  await using served = await replay([exchange('GET /a', [], { more: { fail: 'reset' } })])
  await assert.rejects(ask(served.socketPath, 'GET /a'), { code: 'ECONNRESET' })
  served.verify()
})

test('a cut comes after so many bytes of the body', async () => {
  await using served = await replay([exchange('GET /a', ['one', 'two'], { more: { fail: { cutAfter: 4 } } })])
  await assert.rejects(ask(served.socketPath, 'GET /a'), { code: 'ECONNRESET' })
})

test('an answer that the engine never ended stays open until the program leaves', async () => {
  await using served = await replay([exchange('GET /events', ['one'], { response: { open: true } })])
  const controller = new AbortController()
  const asked = ask(served.socketPath, 'GET /events', undefined, { signal: controller.signal })
  const first = await Promise.race([
    asked.catch(() => 'ended'),
    new Promise((resolve) => setTimeout(resolve, 50, 'open')),
  ])
  assert.equal(first, 'open')
  controller.abort()
  await assert.rejects(asked)
})

const RAW = exchange('POST /exec/e/start', [], {
  response: { status: 101, headers: { connection: 'Upgrade', upgrade: 'tcp' } },
  more: {
    upgrade: [
      { from: 'engine', data: encode('$ ') },
      { from: 'client', data: encode('date\n') },
      { from: 'engine', data: encode('now') },
      { from: 'client', data: null },
      { from: 'engine', data: null },
    ],
  },
})

test('a raw connection is played in turns, in whatever pieces the program writes', async () => {
  await using served = await replay([RAW])
  assert.equal(await hijack(served.socketPath, 'POST /exec/e/start', 'da', 'te\n'), '$ now')
  served.verify()
})

test('other bytes than recorded cut a raw connection and fail verify', async () => {
  await using served = await replay([RAW])
  assert.equal(await hijack(served.socketPath, 'POST /exec/e/start', 'who\n\n'), '$ ')
  assert.throws(() => served.verify(), { message: /POST \/exec\/e\/start: the client sent other bytes/ })
})

test('a program that leaves a raw connection early fails verify', async () => {
  await using served = await replay([RAW])
  assert.equal(await hijack(served.socketPath, 'POST /exec/e/start', 'da'), '$ ')
  assert.throws(() => served.verify(), { message: /the client left 3 bytes too early/ })
})
