import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseReference } from '../../lib/base/reference.ts'
import type { Http } from '../../lib/registry/http.ts'
import { createPatience } from '../../lib/registry/patience.ts'
import { row } from '../support/matrix.ts'
import { askOnce, failureOf, LOGIN, outcome, testClient, testClock, testRandom } from '../support/registry-client.ts'
import { bearer, manifest, serveRegistry, type Reply } from '../support/registry-server.ts'

const OK = manifest().digest
const busy = (header?: string): Reply => ({
  status: 429,
  headers: header === undefined ? {} : { 'retry-after': header },
})

// The token server answers 429 with this header; how long is the host left alone?
const limited = async (header: string | undefined): Promise<string> => {
  await using server = await serveRegistry({ challenge: bearer, token: () => busy(header) })
  await using client = testClient({ [server.host]: LOGIN })
  const error = await failureOf(client.digest(parseReference(`${server.host}/acme/app`)))
  const tries = server.requests.filter(({ path }) => path === '/token').length
  return `${error.code} for ${Number(error.facts['retryAfterMs']) / 1000} s after ${tries} tries`
}
row('B24', 'Retry-After 9999999', 'RATE_LIMITED for 3600 s after 1 tries', () => limited('9999999'))
row('B24', 'Retry-After -1', 'RATE_LIMITED for 60 s after 1 tries', () => limited('-1'))
row('B24', 'Retry-After in 2099', 'RATE_LIMITED for 3600 s after 1 tries', () =>
  limited('Thu, 01 Jan 2099 00:00:00 GMT'),
)
row('B24', 'Retry-After garbage', 'RATE_LIMITED for 60 s after 1 tries', () => limited('soon'))
row('B24', 'no Retry-After', 'RATE_LIMITED for 60 s after 3 tries', () => limited(undefined))
row('B24', 'Retry-After 2, then well', `${OK}, waited 2000 ms in all`, async () => {
  const replies = [busy('2')]
  const clock = testClock()
  await using server = await serveRegistry({
    first: ({ path }) => (path.includes('/manifests/') ? replies.shift() : undefined),
  })
  const seen = await askOnce(`${server.host}/acme/app`, {}, { clock })
  return `${seen}, waited ${clock.slept.reduce((sum, ms) => sum + ms, 0)} ms in all`
})

test('a host that limits us is left alone until its time has come, and other hosts are asked as ever', async () => {
  const replies = [busy('120')]
  const clock = testClock()
  await using server = await serveRegistry({
    first: ({ path }) => (path.includes('/manifests/') ? replies.shift() : undefined),
  })
  await using other = await serveRegistry()
  await using client = testClient({}, { clock })
  const ask = (host: string): Promise<string> => outcome(client.digest(parseReference(`${host}/acme/app`)))
  assert.equal(await ask(server.host), 'RATE_LIMITED')
  const before = server.requests.length
  assert.equal(await ask(server.host), 'RATE_LIMITED')
  assert.equal(server.requests.length, before, 'nothing was sent')
  assert.equal(await ask(other.host), OK)
  clock.pass(120_000)
  assert.equal(await ask(server.host), OK)
})

for (const status of [408, 500, 502, 503, 504]) {
  test(`a ${status} is tried three times, each wait longer`, async () => {
    const clock = testClock()
    await using server = await serveRegistry({
      first: ({ path }) => (path.includes('/manifests/') ? { status } : undefined),
    })
    assert.equal(await askOnce(`${server.host}/acme/app`, {}, { clock }), 'REGISTRY_UNAVAILABLE')
    assert.equal(server.requests.filter(({ path }) => path.includes('/manifests/')).length, 3)
    assert.deepEqual(clock.slept, [500, 1500])
  })
}

test('a connection that is cut is tried again', async () => {
  let cuts = 2
  await using server = await serveRegistry({
    first: ({ path }) => (path.includes('/manifests/') && cuts-- > 0 ? (response) => response.destroy() : undefined),
  })
  assert.equal(await askOnce(`${server.host}/acme/app`), OK)
})

for (const status of [400, 403, 404]) {
  test(`a ${status} is not tried again, but for its words`, async () => {
    const clock = testClock()
    await using server = await serveRegistry({
      first: ({ path }) => (path.includes('/manifests/') ? { status } : undefined),
    })
    await askOnce(`${server.host}/acme/app`, {}, { clock })
    const asked = server.requests.filter(({ path }) => path.includes('/manifests/')).map(({ method }) => method)
    assert.deepEqual(asked, ['HEAD', 'GET'])
    assert.deepEqual(clock.slept, [])
  })
}

test('a host gets two requests at a time, all are answered, and the token is asked for once', async () => {
  let running = 0
  let most = 0
  await using server = await serveRegistry({
    challenge: bearer,
    first: ({ method, headers }) => {
      if (method !== 'HEAD' || headers.authorization === undefined) return undefined
      most = Math.max(most, ++running)
      return (response) => {
        setTimeout(() => {
          running--
          response.writeHead(200, { 'content-type': manifest().type, 'docker-content-digest': OK }).end()
        }, 5)
      }
    },
  })
  await using client = testClient({ [server.host]: LOGIN })
  const ref = parseReference(`${server.host}/acme/app`)
  const worker = async (): Promise<string[]> => {
    const seen = []
    for (let i = 0; i < 3; i++) seen.push(await outcome(client.digest(ref)))
    return seen
  }
  const seen = await Promise.all(Array.from({ length: 6 }, worker))
  assert.deepEqual(new Set(seen.flat()), new Set([OK]))
  assert.equal(most, 2)
  assert.equal(server.requests.filter(({ path }) => path === '/token').length, 1)
  assert.equal(server.requests.filter(({ path }) => path === '/v2/').length, 1)
})

test('a place that becomes free is given to one and not to two', async () => {
  let running = 0
  let most = 0
  const url = new URL('https://a.example/')
  const http: Http = {
    send: async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      return { url, status: 200, headers: {}, body: Buffer.alloc(0) }
    },
    close: async () => {},
  }
  const send = createPatience({ http, clock: testClock(), random: testRandom })
  const worker = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await send({ method: 'GET', url, maxBytes: 1, addresses: 'any' })
  }
  await Promise.all(Array.from({ length: 6 }, worker))
  assert.equal(most, 2)
})

test('who leaves the queue of a host gives his place to the next', async () => {
  const held: (() => void)[] = []
  await using server = await serveRegistry({
    first: ({ method }) =>
      method === 'HEAD'
        ? (response) =>
            void held.push(() =>
              response.writeHead(200, { 'content-type': manifest().type, 'docker-content-digest': OK }).end(),
            )
        : undefined,
  })
  await using client = testClient()
  const ref = parseReference(`${server.host}/acme/app`)
  const leaver = new AbortController()
  const first = [client.digest(ref), client.digest(ref)].map(outcome)
  for (let i = 0; i < 200 && held.length < 2; i++) await new Promise((resolve) => setTimeout(resolve, 5))
  const waiting = outcome(client.digest(ref, { signal: leaver.signal }))
  const last = outcome(client.digest(ref))
  leaver.abort()
  assert.equal(await waiting, 'ABORTED')
  for (const answer of held.splice(0)) answer()
  assert.deepEqual(await Promise.all(first), [OK, OK])
  for (let i = 0; i < 200 && held.length < 1; i++) await new Promise((resolve) => setTimeout(resolve, 5))
  for (const answer of held.splice(0)) answer()
  assert.equal(await last, OK)
})
