import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseReference } from '../../lib/base/reference.ts'
import { row } from '../support/matrix.ts'
import { failureOf, LOGIN, outcome, testClient, testClock } from '../support/registry-client.ts'
import { bearer, manifest, serveRegistry, type Reply, type Script } from '../support/registry-server.ts'

const OK = manifest().digest

// One digest from a registry whose token server answers so.
const see = async (token: Reply | Script): Promise<string> => {
  await using server = await serveRegistry({
    challenge: bearer,
    token: typeof token === 'function' ? token : () => token,
  })
  await using client = testClient({ [server.host]: LOGIN })
  const asked = client.digest(parseReference(`${server.host}/acme/app`))
  const seen = await outcome(asked)
  if (seen === OK) return seen
  const error = await failureOf(asked)
  return /canary/.test(error.message + JSON.stringify(error)) ? `${error.code}, which shows the body` : error.code
}
const reply = (value: unknown): Reply => ({ body: JSON.stringify(value) })

row('B19', 'both fields', OK, () => see(reply({ token: 'token-a', access_token: 'other' })))
row('B19', 'access_token only', OK, () => see(reply({ access_token: 'token-a' })))
row('B19', 'no field', 'PROTOCOL_VIOLATION', () => see(reply({ canary: 1 })))
row('B19', 'empty texts', 'PROTOCOL_VIOLATION', () => see(reply({ token: '', access_token: '' })))
row('B19', 'empty token, full access_token', OK, () => see(reply({ token: '', access_token: 'token-a' })))
row('B19', 'an array', 'PROTOCOL_VIOLATION', () => see(reply([{ token: 'token-canary' }])))
row('B19', 'a token that is no text', 'PROTOCOL_VIOLATION', () => see(reply({ token: { canary: 1 } })))
row('B19', 'a token with a line break', 'PROTOCOL_VIOLATION', () => see(reply({ token: 'token-canary\r\nX: y' })))
row('B19', 'HTML', 'PROTOCOL_VIOLATION', () => see({ body: '<html>canary</html>' }))
row('B19', 'a gzip', 'PROTOCOL_VIOLATION', () =>
  see({ headers: { 'content-encoding': 'gzip' }, body: '{"token":"token-canary"}' }),
)
row('B19', 'a body without end', 'PROTOCOL_VIOLATION, connection closed', async () => {
  const closed = new AbortController()
  const seen = await see(() => (response) => {
    response.on('close', () => closed.abort())
    const block = Buffer.alloc(64 << 10, 'canary')
    const more = (): void => {
      if (!closed.signal.aborted && response.write(block)) setImmediate(more)
    }
    response.on('drain', more)
    more()
  })
  for (let i = 0; i < 100 && !closed.signal.aborted; i++) await new Promise((resolve) => setTimeout(resolve, 10))
  return `${seen}, connection ${closed.signal.aborted ? 'closed' : 'open'}`
})

// How long a token is reused: asked for again after each of these many seconds.
const lives = async (expiresIn: unknown, more: object = {}): Promise<string> => {
  const clock = testClock()
  const body = { token: 'token-a', ...(expiresIn === undefined ? {} : { expires_in: expiresIn }), ...more }
  await using server = await serveRegistry({ challenge: bearer, token: () => reply(body) })
  await using client = testClient({}, { clock })
  const ref = parseReference(`${server.host}/acme/app`)
  const tokens = (): number => server.requests.filter(({ path }) => path === '/token').length
  await client.digest(ref)
  for (const seconds of [49, 239, 3589, 10_000]) {
    const before = tokens()
    clock.pass(seconds * 1000)
    await client.digest(ref)
    if (tokens() > before) return `gone after ${seconds} s`
    clock.pass(-seconds * 1000)
  }
  return 'for ever'
}
row('B20', 'expires_in 0', 'gone after 239 s', () => lives(0))
row('B20', 'expires_in -1', 'gone after 239 s', () => lives(-1))
row('B20', 'expires_in missing', 'gone after 239 s', () => lives(undefined))
row('B20', 'expires_in "300"', 'gone after 239 s', () => lives('300'))
row('B20', 'expires_in 300', 'gone after 3589 s', () => lives(300))
row('B20', 'expires_in 1e12', 'gone after 10000 s', () => lives(1e12))
row('B20', 'expires_in 300, issued in the future', 'gone after 3589 s', () =>
  lives(300, { issued_at: '2099-01-01T00:00:00Z' }),
)
row('B20', 'expires_in 300, issued in the past', 'gone after 3589 s', () =>
  lives(300, { issued_at: '1999-01-01T00:00:00Z' }),
)

row('B21', 'token refused, then the next one too', 'CREDENTIALS_REJECTED after 2 tokens and 2 HEADs', async () => {
  await using server = await serveRegistry({ challenge: bearer, admits: () => false })
  await using client = testClient({ [server.host]: LOGIN })
  const seen = await outcome(client.digest(parseReference(`${server.host}/acme/app`)))
  const count = (what: string): number =>
    server.requests.filter(({ method, path }) => `${method} ${path}`.includes(what)).length
  return `${seen} after ${count('/token')} tokens and ${count('HEAD')} HEADs`
})
row('B21', 'token withdrawn, the next one taken', `${OK} after 2 tokens`, async () => {
  await using server = await serveRegistry({ challenge: bearer, admits: (given) => given === 'Bearer token-2' })
  await using client = testClient({ [server.host]: LOGIN })
  const seen = await outcome(client.digest(parseReference(`${server.host}/acme/app`)))
  return `${seen} after ${server.requests.filter(({ path }) => path === '/token').length} tokens`
})
row('B22', 'redirect of the token server, login held', 'REDIRECTED', () =>
  see({ status: 307, headers: { location: '/elsewhere' } }),
)

test('a login refused by the token server is rejected, and its source is named', async () => {
  for (const status of [400, 401, 403]) assert.equal(await see({ status, body: '{}' }), 'CREDENTIALS_REJECTED')
})

test('without a login a refusal means that one is missing', async () => {
  await using server = await serveRegistry({ challenge: bearer, token: () => ({ status: 403, body: '{}' }) })
  await using client = testClient()
  const error = await failureOf(client.digest(parseReference(`${server.host}/acme/app`)))
  assert.equal(error.code, 'CREDENTIALS_MISSING')
  assert.match(error.message, /anonymous/)
  assert.match(error.message, /not there/, 'registries hide missing repositories so')
})

test('a token is asked for with service, one scope for pulling, the account, and Basic', async () => {
  await using server = await serveRegistry({
    challenge: (origin) => `${bearer(origin)},scope="repository:other/secret:pull,push"`,
  })
  await using client = testClient({ [server.host]: LOGIN })
  await client.digest(parseReference(`${server.host}/acme/app`))
  const asked = server.requests.find(({ path }) => path === '/token')
  assert.deepEqual(Object.fromEntries(asked?.query ?? []), {
    service: 'spec registry',
    scope: 'repository:acme/app:pull',
    client_id: 'dockline',
    account: 'u',
  })
  assert.equal(asked?.headers.authorization, 'Basic dTpw')
})

test('an identity token is posted as a refresh token and stands in no URL and no header', async () => {
  await using server = await serveRegistry({ challenge: bearer })
  await using client = testClient({ [server.host]: { identitytoken: 'id-token' } })
  assert.equal(await outcome(client.digest(parseReference(`${server.host}/acme/app`))), OK)
  const asked = server.requests.find(({ path }) => path === '/token')
  assert.equal(asked?.method, 'POST')
  assert.deepEqual(Object.fromEntries(new URLSearchParams(asked?.body)), {
    grant_type: 'refresh_token',
    client_id: 'dockline',
    scope: 'repository:acme/app:pull',
    service: 'spec registry',
    refresh_token: 'id-token',
  })
  assert.equal(asked?.headers.authorization, undefined)
  assert.equal(asked?.query.toString(), '')
})

test('where a POST is not known the identity token goes by GET, as containerd does it', async () => {
  const seen = await see(({ method }) => (method === 'POST' ? { status: 404 } : reply({ token: 'token-a' })))
  assert.equal(seen, OK)
  await using server = await serveRegistry({
    challenge: bearer,
    token: ({ method }) => (method === 'POST' ? { status: 404 } : reply({ token: 'token-a' })),
  })
  await using client = testClient({ [server.host]: { identitytoken: 'id-token' } })
  assert.equal(await outcome(client.digest(parseReference(`${server.host}/acme/app`))), OK)
  assert.equal(server.logins()[0], `Basic ${Buffer.from(':id-token').toString('base64')}`)
})

test('a registry token is the token, and no token server is asked', async () => {
  await using server = await serveRegistry({ challenge: bearer })
  await using client = testClient({ [server.host]: { registrytoken: 'token-own' } })
  assert.equal(await outcome(client.digest(parseReference(`${server.host}/acme/app`))), OK)
  assert.deepEqual(server.logins(), ['Bearer token-own'])
})

test('a user name with a colon is refused before it is sent', async () => {
  await using server = await serveRegistry({ challenge: bearer })
  await using client = testClient({ [server.host]: { username: 'a:b', password: 'p' } })
  assert.equal(await outcome(client.digest(parseReference(`${server.host}/acme/app`))), 'CREDENTIALS_INVALID')
  assert.deepEqual(server.logins(), [])
})
