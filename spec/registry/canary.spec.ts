// Secrets that must not come out again, whatever a registry does: each case has a login, and a server that repeats it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'

import { parseReference } from '../../lib/base/reference.ts'
import { createRegistryClient } from '../../lib/registry/client.ts'
import { leaks as search } from '../support/canary.ts'
import { basic, configWith, credentialWorld, type WorldOptions } from '../support/credentials.ts'
import { testClock, testRandom } from '../support/registry-client.ts'
import {
  AUTHORITY,
  SERVER,
  bearer,
  index,
  manifest,
  serveRegistry,
  testLookup,
  type Captured,
  type Reply,
  type RegistryScript,
} from '../support/registry-server.ts'

const USER = 'canary-user'
const SECRET = 'canary?>~sécret/+'
const TOKEN = 'token-canary~of-the-token-server'

const leaks = (shown: string): string[] => search(shown, [SECRET, TOKEN, `${USER}:${SECRET}`])

// Everything that came in, out again.
const echo = ({ headers, body, query }: Captured): string => {
  const login = headers.authorization ?? ''
  const decoded = login.startsWith('Basic ') ? Buffer.from(login.slice(6), 'base64').toString('utf8') : login
  return JSON.stringify({ errors: [{ code: 'DENIED', message: `${decoded} ${login} ${body} ${query.toString()}` }] })
}
const refusing =
  (status: number) =>
  (request: Captured): Reply => ({ status, headers: { 'content-type': 'application/json' }, body: echo(request) })
// The token alone, as a name may hold it.
const bare = ({ authorization = '' }: Captured['headers']): string => authorization.replace(/^\w+ /, '')
const onManifest =
  (reply: (request: Captured) => Reply) =>
  (request: Captured): Reply | undefined =>
    request.path.includes('/manifests/') && request.headers.authorization !== undefined ? reply(request) : undefined
const token = (): Reply => ({ body: JSON.stringify({ token: TOKEN }) })
const wantsBasic = { challenge: () => 'Basic realm="x"', admits: () => true }

const SCRIPTS: Readonly<Record<string, RegistryScript>> = {
  'a token server that refuses': { challenge: bearer, token: refusing(401) },
  'a token server that errs': { challenge: bearer, token: refusing(500) },
  'a token server that finds nothing': { challenge: bearer, token: refusing(404) },
  'a token server that gives no token': { challenge: bearer, token: (request) => ({ body: echo(request) }) },
  'a token server that gives text': { challenge: bearer, token: (request) => ({ body: `x${echo(request)}` }) },
  'a registry that refuses Basic': { ...wantsBasic, first: onManifest(refusing(403)) },
  'a registry that errs at Basic': { ...wantsBasic, first: onManifest(refusing(400)) },
  'a registry that refuses the token': { challenge: bearer, token, first: onManifest(refusing(403)) },
  'a registry that finds nothing': { challenge: bearer, token, first: onManifest(refusing(404)) },
  'a registry that serves the login as a manifest': {
    challenge: bearer,
    token,
    first: onManifest((request) => ({ headers: { 'content-type': manifest().type }, body: echo(request) })),
  },
  'a registry that serves the login as a digest': {
    challenge: bearer,
    token,
    first: onManifest(({ headers }) => ({
      headers: { 'content-type': manifest().type, 'docker-content-digest': headers.authorization ?? '' },
    })),
  },
  'a registry that serves the login as a type': {
    challenge: bearer,
    token,
    first: onManifest(({ headers }) => ({ headers: { 'content-type': headers.authorization ?? '' } })),
  },
  'a registry that serves the login as a type of its own': {
    challenge: bearer,
    token,
    first: onManifest(({ headers }) => ({ headers: { 'content-type': `x/${bare(headers)}` } })),
  },
  'a registry that serves the login as the name of its limit': {
    challenge: bearer,
    token,
    admits: (given) => given === `Bearer ${TOKEN}`,
    first: onManifest(({ headers }) => ({
      headers: {
        'content-type': manifest().type,
        'docker-content-digest': manifest().digest,
        'ratelimit-limit': '100;w=60',
        'docker-ratelimit-source': bare(headers),
      },
    })),
  },
  'a registry that asks for a login by the login': {
    challenge: bearer,
    token,
    first: onManifest(({ headers }) => ({ status: 401, headers: { 'www-authenticate': `${bare(headers)} x="y"` } })),
  },
  'a registry that redirects to the login': {
    challenge: bearer,
    token,
    first: onManifest(({ headers }) => ({ status: 302, headers: { location: `/moved/${bare(headers)}` } })),
  },
  'a registry that redirects to a host named as the login': {
    challenge: bearer,
    token,
    first: onManifest(({ headers }) => ({ status: 302, headers: { location: `http://${bare(headers)}.test/` } })),
  },
  'a registry of which the platforms are named as the login': {
    challenge: bearer,
    token,
    first: onManifest(({ headers }) => {
      const body = index(`linux/${bare(headers)}`)
      return { headers: { 'content-type': body.type, 'docker-content-digest': body.digest }, body: body.body }
    }),
  },
  'a registry that answers well': { challenge: bearer, token, admits: (given) => given === `Bearer ${TOKEN}` },
}

const WORLDS: Readonly<Record<string, (host: string) => WorldOptions>> = {
  'auths of config.json': (host) => ({
    files: configWith({ [host]: basic(`${USER}:${SECRET}`), bad: { auth: SECRET } }),
  }),
  'an identity token': (host) => ({ files: configWith({ [host]: { identitytoken: SECRET } }) }),
  'a helper': () => ({
    files: configWith({}, { credsStore: 'store' }),
    helpers: async () => ({ exitCode: 0, stdout: JSON.stringify({ Username: USER, Secret: SECRET }) }),
  }),
}

for (const [what, script] of Object.entries(SCRIPTS)) {
  for (const [where, world] of Object.entries(WORLDS)) {
    test(`${what} gets the login from ${where} into no error, result, log or listing`, async () => {
      await using server = await serveRegistry(script, { tls: SERVER, name: 'registry.test' })
      const { credentials, log } = credentialWorld(world(server.host))
      await using client = createRegistryClient({
        credentials,
        clock: testClock(),
        random: testRandom,
        ca: AUTHORITY.cert,
        lookup: testLookup(),
      })
      const result = await client
        .digest(parseReference(`${server.host}/acme/app`), { platform: 'linux/amd64' })
        .catch((error: unknown) => error)
      const listed = await credentials.list()
      const shown = [
        inspect(result, { depth: 12, showHidden: true }),
        JSON.stringify(result),
        result instanceof Error ? `${result.message}${result.stack}` : '',
        inspect(client, { depth: 12, showHidden: true }),
        JSON.stringify(listed),
        log.join('\n'),
      ]
      assert.deepEqual(leaks(shown.join('\n')), [])
    })
  }
}

test('the search finds what it looks for', () => {
  assert.notDeepEqual(leaks(`…${Buffer.from(`${USER}:${SECRET}`).toString('base64')}…`), [])
})

for (const [what, helper] of Object.entries({
  'another text': { exitCode: 1, stdout: `no: ${SECRET}` },
  'a half answer': { exitCode: 0, stdout: `{"Username":"u","Secret":"${SECRET}"` },
  'a wrong answer': { exitCode: 0, stdout: `{"Username":5,"Secret":"${SECRET}"}` },
})) {
  test(`a helper that gives ${what} gets its output into no error and no log`, async () => {
    const { credentials, log } = credentialWorld({
      files: configWith({}, { credsStore: 'store' }),
      helpers: async () => helper,
    })
    const error: unknown = await credentials.resolve('ghcr.io').catch((failure: unknown) => failure)
    assert.ok(error instanceof Error)
    assert.deepEqual(
      leaks(`${inspect(error, { depth: 12, showHidden: true })}${JSON.stringify(error)}${log.join('\n')}`),
      [],
    )
  })
}
