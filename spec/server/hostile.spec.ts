// The hostile inputs of the admin service, numbered as in the table that the project keeps of them (G, 56 to 63).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Listener } from '../../lib/server/listen.ts'
import type { JobRecord } from '../../lib/server/schema/job.ts'
import { row } from '../support/matrix.ts'
import { rawConnection, sendRaw, statusesIn } from '../support/raw-connection.ts'
import { gate, RUNTIME_IMAGE, type RefreshWorld } from '../support/refresh-world.ts'
import { BEARER, REFRESH, TOKEN, listening, serviceWorld } from '../support/service.ts'

let listener: Listener
let world: RefreshWorld
before(async () => {
  ;({ listener, world } = await listening())
})
after(() => listener.close())

const head = (method: string, path: string, headers: Record<string, string>): string =>
  `${method} ${path} HTTP/1.1\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`
const good = { Host: '127.0.0.1', Authorization: BEARER }
const raw = async (text: string): Promise<string> => statusesIn(await sendRaw(listener.address, text)).join(' ')

// 56: who is nobody gets one and the same answer.
const answers = new Set<string>()
for (const [what, authorization, path = REFRESH] of [
  ['no token', undefined],
  ['a wrong token', 'Bearer wrong-wrong-wrong-wrong'],
  ['an empty header', ''],
  ['an empty token', 'Bearer '],
  ['a prefix of the token', BEARER.slice(0, -1)],
  ['Basic', `Basic ${Buffer.from(`ci:${TOKEN}`).toString('base64')}`],
  ['a lower-case scheme', BEARER.toLowerCase()],
  ['the token in the query', undefined, `${REFRESH}?access_token=${TOKEN}`],
] as const) {
  row('G56', what, '401, the same for every cause', async () => {
    const { ask } = serviceWorld()
    const response = await ask('POST', path, { authorization })
    answers.add(`${response.headers.get('www-authenticate')} ${await response.text()}`)
    return `${response.status}${answers.size === 1 ? ', the same for every cause' : ', told apart'}`
  })
}
row('G56', 'two Authorization headers', '401', () =>
  raw(head('POST', REFRESH, good).replace('\r\n\r\n', `\r\nAuthorization: ${BEARER}\r\nConnection: close\r\n\r\n`)),
)
row('G56', 'the token in a cookie', '401', async () => {
  const { ask } = serviceWorld()
  const cookie = `access_token=${TOKEN}; token=${TOKEN}`
  return String((await ask('POST', REFRESH, { authorization: undefined, cookie })).status)
})
test('a hundred requests without a token are no guesses: the right one is let in', async () => {
  const { ask } = serviceWorld()
  for (let i = 0; i < 100; i++)
    assert.equal((await ask('GET', '/admin/jobs', { authorization: undefined })).status, 401)
  assert.equal((await ask('GET', '/admin/jobs')).status, 200)
})
row('G56', 'an eleventh try, with the right token', '429 for this address, 200 for another', async () => {
  const { service } = serviceWorld()
  const from = async (address: string, authorization: string): Promise<number> => {
    const headers = { host: 'localhost', authorization }
    return (await service.fetch(new Request('http://localhost/admin/jobs', { headers }), { address })).status
  }
  for (let i = 0; i < 10; i++) assert.equal(await from('192.0.2.1', 'Bearer wrong'), 401)
  return `${await from('192.0.2.1', BEARER)} for this address, ${await from('192.0.2.2', BEARER)} for another`
})

// 57: web pages of others.
row('G57', 'Host evil.example', '421', async () =>
  String((await serviceWorld().ask('POST', REFRESH, { host: 'evil.example' })).status),
)
row('G57', 'Host 127.0.0.1.evil.example', '421', async () =>
  String((await serviceWorld().ask('POST', REFRESH, { host: '127.0.0.1.evil.example' })).status),
)
row('G57', 'no Host, HTTP/1.0', '400', () => raw(`POST ${REFRESH} HTTP/1.0\r\nAuthorization: ${BEARER}\r\n\r\n`))
row('G57', 'no Host, HTTP/1.1', '400', () => raw(`POST ${REFRESH} HTTP/1.1\r\nAuthorization: ${BEARER}\r\n\r\n`))
for (const [what, headers] of [
  ['Origin of another site', { origin: 'https://evil.example' }],
  ['Origin null', { origin: 'null' }],
  ['Origin of another port', { host: '127.0.0.1:8787', origin: 'http://127.0.0.1:9999' }],
  ['Sec-Fetch-Site cross-site', { 'sec-fetch-site': 'cross-site' }],
  ['a form of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', origin: 'null' }],
] as const) {
  row('G57', what, '403, and no CORS header', async () => {
    const response = await serviceWorld().ask('POST', REFRESH, headers)
    const cors = [...response.headers.keys()].some((name) => name.startsWith('access-control'))
    return `${response.status}, ${cors ? 'with CORS' : 'and no CORS header'}`
  })
}
row('G57', 'a host that is allowed', '200', async () =>
  String(
    (await serviceWorld({ hosts: ['Dockline.Internal'] }).ask('GET', '/admin/jobs', { host: 'dockline.internal:8787' }))
      .status,
  ),
)

// 58: methods.
for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']) {
  row('G58', method, '405 POST', async () => {
    const text = await sendRaw(listener.address, head(method, REFRESH, { ...good, Connection: 'close' }))
    return `${statusesIn(text).join(' ')} ${/^allow: (.*)\r$/im.exec(text)?.[1]}`
  })
}
row('G58', 'a method that is none', '400', () => raw(head('FROBNICATE', REFRESH, good)))

// 59 and 60: parameters.
const KNOWN = 'claude-code langgraph crewai autogen deepagents hermes gemini-cli openclaw'
for (const query of [
  'runtime=unknown',
  'runtime=Hermes',
  'runtime=hermes%00',
  'runtime=hermes%20',
  'runtime=hermes&runtime=hermes',
  'runtime=hermes&runtime=crewai',
  'runtime=__proto__',
  'runtime=constructor',
  'runtime=toString',
  'runtime=ghcr.io/evil/x:latest',
  `runtime=${'a'.repeat(6000)}`,
  '__proto__=x',
  'recreate=TRUE',
  'recreate=0',
  'recreate=1',
  'recreate=yes',
  'recreate=',
  'recreate=true&recreate=false',
  'dryRun=True',
  'dryrun=true',
  'wait=maybe',
  'join=2',
  'strategy=recreate',
]) {
  row(
    query.includes('runtime') ? 'G59' : 'G60',
    query.slice(0, 40),
    '400 with the known runtimes, nothing touched',
    async () => {
      const { ask, world } = serviceWorld()
      const response = await ask('POST', `${REFRESH}?${query}`)
      const { error, known_runtimes } = (await response.json()) as { error: string; known_runtimes: string[] }
      const touched = world.changes.length === 0 ? 'nothing touched' : 'touched'
      assert.ok(error.length < 300)
      return `${response.status} ${known_runtimes.join(' ') === KNOWN ? 'with the known runtimes' : 'without'}, ${touched}`
    },
  )
}
row('G59', 'runtime of 10 KiB over a socket', '431', () =>
  raw(head('POST', `${REFRESH}?runtime=${'a'.repeat(10_240)}`, good)),
)
row('G59', 'an empty runtime', '200', async () =>
  String((await serviceWorld().ask('POST', `${REFRESH}?runtime=&dryRun=true`)).status),
)

// 61: framing.
row('G61', 'Content-Length and Transfer-Encoding', '400', () =>
  raw(
    `${head('POST', REFRESH, { ...good, 'Content-Length': '5', 'Transfer-Encoding': 'chunked' })}0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
  ),
)
row('G61', 'two Content-Lengths', '400', () =>
  raw(head('POST', REFRESH, { ...good, 'Content-Length': '0', 'content-length': '5' })),
)
row('G61', 'a chunk that is none', '400', () =>
  raw(`${head('POST', REFRESH, { ...good, 'Transfer-Encoding': 'chunked' })}zz\r\nabc`),
)
row('G61', 'headers of 1 MiB', '431', () => raw(head('POST', REFRESH, { ...good, 'X-Large': 'x'.repeat(1 << 20) })))
row('G61', 'a bare newline in a header', '400', () =>
  raw(`POST ${REFRESH} HTTP/1.1\r\nHost: 127.0.0.1\nX: y\r\n : z\r\n\r\n`),
)
row('G61', 'a body of 1 MiB that is announced', '413', () =>
  raw(head('POST', REFRESH, { ...good, 'Content-Length': String(1 << 20), Connection: 'close' })),
)
row('G61', 'a body without an end', '413', () =>
  raw(
    `${head('POST', REFRESH, { ...good, 'Transfer-Encoding': 'chunked', Connection: 'close' })}5000\r\n${'x'.repeat(0x5000)}\r\n`,
  ),
)
row('G61', 'pipelining', 'the first is answered, the second is 400, the connection ends', async () => {
  const two = head('GET', '/admin/jobs', good) + head('POST', REFRESH, good)
  const before = world.changes.length
  const text = await sendRaw(listener.address, two)
  assert.equal(world.changes.length, before)
  return statusesIn(text).join(' ') === '200 400'
    ? 'the first is answered, the second is 400, the connection ends'
    : text
})

test('G62: a client that leaves in the middle changes nothing, and the record of the job says that it left', async (t) => {
  const own = await listening()
  try {
    const { open } = gate(own.world)
    using connection = await rawConnection(own.listener.address)
    const pulling = own.world.pulling()
    connection.socket.write(head('POST', `${REFRESH}?runtime=hermes`, { ...good, 'Content-Length': '0' }))
    await pulling
    connection.socket.destroy()
    const job = async (): Promise<JobRecord> => {
      const { jobs } = (await (await own.ask('GET', '/admin/jobs')).json()) as { jobs: [JobRecord] }
      return jobs[0]
    }
    for (let tries = 0; tries < 100 && !(await job()).clientLeft; tries++) await sleep(20)
    assert.deepEqual([(await job()).state, (await job()).clientLeft], ['running', true])
    open()
    const { id } = await job()
    await (await own.ask('GET', `/admin/jobs/${id}`, { accept: 'text/event-stream' })).text()
    const ended = await job()
    const { state, status, clientLeft, report } = ended
    t.diagnostic(`G62 | client leaves | done, and kept | ${JSON.stringify({ state, status, clientLeft })}`)
    assert.deepEqual([state, status, report?.recreated], ['ended', 200, ['ws-1']])
  } finally {
    await own.listener.close()
  }
})

test('G63: 100 calls at once, each on its own connection, make one refresh', async (t) => {
  const own = await listening()
  try {
    const { open } = gate(own.world)
    const calls = Array.from({ length: 100 }, () => fetchOnce(own.listener.address, `${REFRESH}?runtime=hermes`))
    await own.world.pulling()
    const others = await settledBut(1, calls)
    assert.deepEqual(new Set(others), new Set([409]))
    open()
    const statuses = await Promise.all(calls)
    const refreshed = statuses.filter((status) => status === 200).length
    t.diagnostic(`G63 | 100 calls | 1 refresh | ${refreshed} answered 200, ${statuses.length - refreshed} others 409`)
    assert.equal(refreshed, 1)
    assert.deepEqual(
      own.world.changes.filter((change) => change.startsWith('pull')),
      [`pull ${RUNTIME_IMAGE('hermes')}`],
    )
  } finally {
    await own.listener.close()
  }
})

async function fetchOnce(address: string, path: string, method = 'POST'): Promise<number> {
  const text = await sendRaw(address, head(method, path, { ...good, 'Content-Length': '0', Connection: 'close' }))
  return statusesIn(text)[0] ?? 0
}

/** The statuses of all calls but `rest`, which are not there yet. */
async function settledBut(rest: number, calls: readonly Promise<number>[]): Promise<number[]> {
  const settled: number[] = []
  for (const call of calls) void call.then((status) => settled.push(status))
  for (let tries = 0; tries < 250 && settled.length < calls.length - rest; tries++) await sleep(20)
  return settled
}
