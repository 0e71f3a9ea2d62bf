import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { test } from 'node:test'

import { connect } from '../../lib/engine/connect.ts'
import { loadExchanges, type Exchange } from '../../lib/testing/exchange-file.ts'
import { modelEngine } from '../../lib/testing/model/index.ts'
import { record, type Recorder, type RecordOptions } from '../../lib/testing/record.ts'
import { replay } from '../../lib/testing/replay.ts'
import { serve } from '../../lib/testing/serve.ts'
import type { ServedReply, ServedRequest } from '../../lib/testing/served.ts'
import { decode } from '../support/exchanges.ts'
import { PLANTED, PLANTED_MASK, plantSecrets, plantedIn } from '../support/planted-secrets.ts'
import { ask, hijack } from '../support/raw-http.ts'

type Options = Omit<Partial<RecordOptions>, 'target' | 'dir'>

/** Records what `run` asks of an engine made of this handler, and gives the exchanges that were written. */
async function recorded(
  handler: (request: ServedRequest) => ServedReply | undefined,
  run: (recorder: Recorder) => Promise<unknown>,
  options: Options = {},
): Promise<Exchange[]> {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-spec-'))
  try {
    await using engine = await serve(async (request) => handler(request))
    const recorder = await record({ env: {}, ...options, target: engine.host, dir })
    await run(recorder)
    await recorder.close()
    return (await readdir(dir)).length === 0 ? [] : await loadExchanges(dir)
  } finally {
    await rm(dir, { recursive: true })
  }
}

const reply = (...chunks: string[]): ServedReply => ({
  status: 200,
  headers: ['Content-Type', 'application/json', 'Date', 'now', 'X-Secret', 's'],
  body: pieces(chunks),
})

async function* pieces(chunks: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

function shell(client: Duplex): void {
  client.write('$ ')
  client.once('data', () => client.end('done')).resume()
}

async function* torn(): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from('half')
  throw new Error('the engine died')
}

async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from('first')
  await new Promise(() => {})
}

test('requests and answers are recorded in the order asked, chunks and repeats included', async () => {
  let n = 0
  const exchanges = await recorded(
    () => reply('{"n":', `${++n}}`),
    async ({ socketPath }) => {
      await ask(socketPath, 'GET /v1.41/a?x=1')
      await ask(socketPath, 'POST /v1.41/b', '{"k":"v"}')
      await ask(socketPath, 'GET /v1.41/a?x=1')
    },
    { name: 'three' },
  )
  assert.deepEqual(
    exchanges.map(({ name, request, response }) => [name, request.method, request.path, decode(response.chunks)]),
    [
      ['three 1', 'GET', '/v1.41/a', ['{"n":', '1}']],
      ['three 2', 'POST', '/v1.41/b', ['{"n":', '2}']],
      ['three 3', 'GET', '/v1.41/a', ['{"n":', '3}']],
    ],
  )
  assert.deepEqual(exchanges[0]?.request.query, { x: ['1'] })
  assert.deepEqual(exchanges[1]?.request.body, { k: 'v' })
  assert.deepEqual(exchanges[0]?.response.headers, { 'content-type': 'application/json' })
})

test('a hijacked connection is recorded both ways, and replays to the same program', async () => {
  const upgrade: ServedReply = { ...reply(), status: 101, headers: ['Connection', 'Upgrade', 'Upgrade', 'tcp'] }
  const exchanges = await recorded(
    () => ({ ...upgrade, upgraded: shell }),
    ({ socketPath }) => hijack(socketPath, 'POST /exec/e/start', 'exit\n'),
  )
  const said = (exchanges[0]?.upgrade ?? []).map(
    ({ from, data }) => [from, data === null ? null : decode([data])[0]] as const,
  )
  assert.deepEqual(said.slice(0, 2), [
    ['engine', '$ '],
    ['client', 'exit\n'],
  ])
  // Whether the client closes its side before the engine has answered is up to both.
  assert.deepEqual(
    said.slice(2).filter(([from]) => from === 'engine'),
    [
      ['engine', 'done'],
      ['engine', null],
    ],
  )
  await using served = await replay(exchanges)
  assert.equal(await hijack(served.socketPath, 'POST /exec/e/start', 'exit\n'), '$ done')
  served.verify()
})

test('an answer that the engine broke off is recorded as cut', async () => {
  const [exchange] = await recorded(
    () => ({ ...reply(), body: torn() }),
    ({ socketPath }) => assert.rejects(ask(socketPath, 'GET /a')),
  )
  assert.deepEqual(exchange?.fail, { cutAfter: 4 })
  assert.deepEqual(decode(exchange.response.chunks), ['half'])
})

test('a call that got no answer at all is recorded as a reset', async () => {
  const [exchange] = await recorded(
    () => undefined,
    ({ socketPath }) => assert.rejects(ask(socketPath, 'GET /a')),
  )
  assert.equal(exchange?.fail, 'reset')
})

test('a stream that the program left is recorded as open, with what it had seen', async () => {
  const [exchange] = await recorded(
    () => ({ ...reply(), body: endless() }),
    async ({ socketPath }) => {
      const request = httpRequest({ socketPath, path: '/events' }).end()
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      await once(response, 'data')
      request.destroy()
    },
  )
  assert.equal(exchange?.response.open, true)
  assert.deepEqual(decode(exchange.response.chunks), ['first'])
})

test('credentials and secrets of the traffic are masked wherever they stand', async () => {
  const secret = 'c4n4ry-t0kén'
  const auth = Buffer.from(JSON.stringify({ username: 'someone', password: secret })).toString('base64')
  const exchanges = await recorded(
    () => reply(`{"status":"logged in with ${secret}"}`),
    ({ socketPath }) =>
      ask(
        socketPath,
        `POST /images/create?fromImage=x&tag=${encodeURIComponent(secret)}`,
        JSON.stringify({ Cmd: [secret] }),
        {
          headers: { 'X-Registry-Auth': auth },
        },
      ),
  )
  assert.deepEqual(decode(exchanges[0]?.response.chunks ?? []), [`{"status":"logged in with ${'*'.repeat(13)}"}`])
  assert.deepEqual(exchanges[0]?.request.query, { fromImage: ['x'], tag: ['[scrubbed]'] })
  assert.deepEqual(exchanges[0].request.body, { Cmd: ['[scrubbed]'] })
  assert.ok(!JSON.stringify(exchanges).includes(auth))
})

test('secrets of the environment are masked too', async () => {
  const [exchange] = await recorded(
    () => reply('{"Labels":{"a":"from-the-env"}}'),
    ({ socketPath }) => ask(socketPath, 'GET /a'),
    { env: { CI_TOKEN: 'from-the-env' } },
  )
  assert.deepEqual(decode(exchange?.response.chunks ?? []), ['{"Labels":{"a":"************"}}'])
})

test('an answer longer than allowed passes, but is not recorded in silence', async () => {
  await assert.rejects(
    recorded(
      () => reply('0123456789'),
      async ({ socketPath }) => assert.equal((await ask(socketPath, 'GET /a')).chunks.join(''), '0123456789'),
      { maxBytes: 9 },
    ),
    { code: 'INPUT_INVALID', message: /the answer to \/a exceeds 9 bytes/ },
  )
})

test('a case in which nothing was asked writes no file', async () => {
  assert.deepEqual(
    await recorded(
      () => reply(),
      () => Promise.resolve(),
    ),
    [],
  )
})

test('of a session with 30 planted secrets none is in the recording, on the model engine', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-spec-'))
  try {
    await using engine = modelEngine({ images: { 'planted:1': {} } })
    await using listening = await engine.listen()
    const recorder = await record({ env: {}, target: listening.host, dir, mask: PLANTED_MASK })
    await using docker = await connect({ host: recorder.host })
    await plantSecrets(docker, 'planted:1', 'planted')
    await recorder.close()
    assert.deepEqual(await plantedIn(recorder.file), [])
    assert.ok(Object.values(recorder.masked).reduce((sum, n) => sum + n, 0) >= PLANTED.length)
  } finally {
    await rm(dir, { recursive: true })
  }
})

test('what is masked is counted by kind, and what still looks random is named without being shown', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-spec-'))
  const random = 'q7Xv2LmZ9RtB4nWc8YdK'
  try {
    await using engine = await serve(async () => reply(`{"note":"${random}","sha256":"${'0a'.repeat(32)}"}`))
    const recorder = await record({
      env: { CI_TOKEN: 'from-the-env' },
      target: engine.host,
      dir,
      secrets: ['handed-over'],
    })
    await ask(
      recorder.socketPath,
      'POST /a',
      '{"Env":["A_TOKEN=x"],"Cmd":["--password","y","handed-over","from-the-env"]}',
    )
    await recorder.close()
    assert.deepEqual({ ...recorder.masked }, { given: 1, environment: 1, name: 1, flag: 1 })
    assert.deepEqual(recorder.suspects, [{ where: 'the answer of session 1', start: 'q7Xv', length: 20 }])
  } finally {
    await rm(dir, { recursive: true })
  }
})
