import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseReference } from '../../lib/base/reference.ts'
import { basic, configWith, credentialWorld, type WorldOptions } from '../support/credentials.ts'
import { row } from '../support/matrix.ts'
import { failureOf, LOGIN, outcome, testClient } from '../support/registry-client.ts'
import {
  SERVER,
  bearer,
  manifest,
  serveRegistry,
  type RegistryScript,
  type ScriptedServer,
} from '../support/registry-server.ts'

const OK = manifest().digest

// Two registries, a login for the first: what reaches the second when both are asked, several times over?
const twoRegistries = async (
  first: (other: ScriptedServer) => RegistryScript,
  second: (other: () => ScriptedServer) => RegistryScript,
  world: (host: string) => WorldOptions,
): Promise<string> => {
  let held: ScriptedServer | undefined
  const tls = { tls: SERVER, name: 'registry.test' }
  await using stranger = await serveRegistry(
    second(() => held as ScriptedServer),
    tls,
  )
  await using owner = await serveRegistry(first(stranger), tls)
  held = owner
  const { credentials } = credentialWorld(world(owner.host))
  await using client = testClient({}, { credentials })
  const refs = [`${owner.host}/acme/app`, `${stranger.host}/acme/app`].map(parseReference)
  for (let i = 0; i < 2; i++) for (const ref of refs) await outcome(client.digest(ref))
  const leaked = stranger.requests.some(
    ({ headers, body, query }) =>
      (headers.authorization ?? ANONYMOUS) !== ANONYMOUS ||
      /canary/.test(`${JSON.stringify(headers)}${body}${query.toString()}`),
  )
  const used = owner.logins().length > 0
  return `${stranger.requests.length > 0 ? 'asked' : 'not asked'}, ${leaked ? 'login on the other' : 'no login on the other'}${used ? '' : ', nor on its own'}`
}
const pair = 'canary-user:canary-password'
const inFile = (host: string): WorldOptions => ({ files: configWith({ [host]: basic(pair) }) })
const ANONYMOUS = 'Bearer token-anonymous'
// Its tokens tell whether they were given to a login.
const wantsTokens = (challenge = bearer): RegistryScript => ({
  challenge,
  token: ({ headers, body }) => ({
    body: JSON.stringify({ token: (headers.authorization ?? body) !== '' ? 'token-canary' : 'token-anonymous' }),
  }),
})
const CLEAN = 'asked, no login on the other'
const wantsBasic = (): RegistryScript => ({
  challenge: () => 'Basic realm="x"',
  admits: (given) => given === `Basic ${basic(pair).auth}`,
})

row('T1', 'both ask for Basic at their ping', CLEAN, () => twoRegistries(wantsBasic, wantsBasic, inFile))
row('T1', 'the other names the token server of the first', CLEAN, () =>
  twoRegistries(
    () => wantsTokens(),
    (owner) => wantsTokens(() => bearer(owner().origin)),
    inFile,
  ),
)
row('T1', 'the first names the token server of the other', 'asked, no login on the other, nor on its own', () =>
  twoRegistries(
    (other) => wantsTokens(() => bearer(other.origin)),
    () => wantsTokens(),
    inFile,
  ),
)
row('T1', 'the first redirects to the other', CLEAN, () =>
  twoRegistries(
    (other) => ({
      ...wantsTokens(),
      first: ({ path, headers }) =>
        path.includes('/manifests/') && headers.authorization !== undefined
          ? { status: 307, headers: { location: `${other.origin}${path}` } }
          : undefined,
    }),
    wantsBasic,
    inFile,
  ),
)
row('T1', 'the ping of the first redirects to the other', 'asked, no login on the other, nor on its own', () =>
  twoRegistries(
    (other) => ({
      first: ({ path }) =>
        path === '/v2/' ? { status: 307, headers: { location: `${other.origin}/v2/` } } : undefined,
    }),
    wantsBasic,
    inFile,
  ),
)
row('T1', 'a helper has a login for the first only', CLEAN, () =>
  twoRegistries(wantsBasic, wantsBasic, (host) => ({
    files: configWith({}, { credsStore: 'store' }),
    helpers: async (_, server) =>
      server === host
        ? { exitCode: 0, stdout: '{"Username":"canary-user","Secret":"canary-password"}' }
        : { exitCode: 1, stdout: 'credentials not found in native keychain' },
  })),
)
row('T1', 'GHCR_TOKEN with the first as registry of the workspace images', CLEAN, () =>
  twoRegistries(wantsBasic, wantsBasic, (host) => ({
    env: { GHCR_USER: 'canary-user', GHCR_TOKEN: 'canary-password', MOLECULE_IMAGE_REGISTRY: `${host}/acme` },
  })),
)
row('T1', 'an identity token for the first only', CLEAN, () =>
  twoRegistries(
    () => wantsTokens(),
    () => wantsTokens(),
    (host) => ({ files: configWith({ [host]: { auth: basic(pair).auth, identitytoken: 'canary-token' } }) }),
  ),
)

test('a registry that asks for a login only at the manifest is logged in to', async () => {
  await using server = await serveRegistry({
    challenge: bearer,
    first: ({ path }) => (path === '/v2/' ? { body: '{}' } : undefined),
  })
  await using client = testClient({ [server.host]: LOGIN })
  assert.equal(await outcome(client.digest(parseReference(`${server.host}/acme/app`))), OK)
})

test('a registry that asks for another kind of login than at first is followed', async () => {
  let challenge = bearer
  await using server = await serveRegistry({
    challenge: (origin) => challenge(origin),
    admits: (given) => (challenge === bearer ? given === 'Bearer token-1' : given === 'Basic dTpw'),
  })
  await using client = testClient({ [server.host]: LOGIN })
  const ref = parseReference(`${server.host}/acme/app`)
  assert.equal(await outcome(client.digest(ref)), OK)
  challenge = () => 'Basic realm="x"'
  assert.equal(await outcome(client.digest(ref)), OK)
})

test('a Basic login that was refused is not sent a second time', async () => {
  await using server = await serveRegistry({ challenge: () => 'Basic realm="x"', admits: () => false })
  await using client = testClient({ [server.host]: LOGIN })
  assert.equal(await outcome(client.digest(parseReference(`${server.host}/acme/app`))), 'CREDENTIALS_REJECTED')
  assert.equal(server.logins().length, 1)
})

test('without a login for a registry that wants one the message says so and names the place that was looked at', async () => {
  await using server = await serveRegistry({ challenge: () => 'Basic realm="x"' })
  const { credentials } = credentialWorld({ env: { GHCR_USER: 'u', MOLECULE_IMAGE_REGISTRY: server.host } })
  await using client = testClient({}, { credentials })
  const error = await failureOf(client.digest(parseReference(`${server.host}/acme/app`)))
  assert.equal(error.code, 'CREDENTIALS_MISSING')
  assert.match(error.message, /GHCR_USER is set but GHCR_TOKEN is not/)
})

test('a login by a scheme that is not spoken is unsupported and names the scheme', async () => {
  await using server = await serveRegistry({ challenge: () => 'Negotiate' })
  await using client = testClient({ [server.host]: LOGIN })
  const error = await failureOf(client.digest(parseReference(`${server.host}/acme/app`)))
  assert.equal(error.code, 'UNSUPPORTED')
  assert.match(error.message, /negotiate/)
})

test('a rotated login is used at the next question, with a token of its own', async () => {
  await using server = await serveRegistry({ challenge: bearer })
  const world = credentialWorld({ files: configWith({ [server.host]: basic('old:p') }) })
  await using client = testClient({}, { credentials: world.credentials })
  const ref = parseReference(`${server.host}/acme/app`)
  await client.digest(ref)
  for (const [path, text] of Object.entries(configWith({ [server.host]: basic('new:p') }))) world.files.set(path, text)
  await client.digest(ref)
  const basics = server.logins().filter((login) => login.startsWith('Basic '))
  assert.deepEqual(
    basics,
    ['old:p', 'new:p'].map((text) => `Basic ${Buffer.from(text).toString('base64')}`),
  )
})

test('a registry that was away is asked anew how it is spoken to', async () => {
  let away = true
  await using server = await serveRegistry({
    first: ({ path }) => (away && path.includes('/manifests/') ? (response) => response.destroy() : undefined),
  })
  await using client = testClient()
  const ref = parseReference(`${server.host}/acme/app`)
  assert.equal(await outcome(client.digest(ref)), 'REGISTRY_UNAVAILABLE')
  away = false
  assert.equal(await outcome(client.digest(ref)), OK)
  assert.equal(server.requests.filter(({ path }) => path === '/v2/').length, 2)
})
