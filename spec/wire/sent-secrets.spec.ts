// A registry that repeats the login, by way of an engine, which passes on what it was told.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'

import { encodeRegistryAuth, type RegistryAuth } from '../../lib/base/registry-auth.ts'
import { connect, type Docker } from '../../lib/engine/connect.ts'
import { leaks } from '../support/canary.ts'
import { httpDaemon } from '../support/daemon.ts'

const LOGIN = { username: 'canary-user', password: 'canary?>~sécret/+' }
const PAIR = `${LOGIN.username}:${LOGIN.password}`
const BASIC = Buffer.from(PAIR).toString('base64')
const HEADER = encodeRegistryAuth(LOGIN, 'registry.test')

const ECHOES: Readonly<Record<string, string>> = {
  'the header': `denied: Authorization: Basic ${BASIC}`,
  'the password': `denied: ${LOGIN.password}`,
  'a JSON body': JSON.stringify({ message: `denied: ${PAIR}` }),
  'a URL': `denied at https://registry.test/?p=${encodeURIComponent(LOGIN.password)}`,
  'the header that the engine was given': `denied: ${HEADER}`,
  'a token that the engine got for itself': 'denied: Authorization: Bearer 0123-engine-token.45',
}

type Call = (docker: Docker, auth: RegistryAuth) => PromiseLike<unknown>

const CALLS: Readonly<Record<string, Call>> = {
  pull: ({ images }, auth) => images.pull('registry.test/acme/app', { auth }),
  push: ({ images }, auth) => images.push('registry.test/acme/app', { auth }),
  distribution: ({ distribution }, auth) => distribution.inspect('registry.test/acme/app', { auth }),
  build: ({ images }, auth) => images.build([], { registryConfig: { 'registry.test': auth } }),
  login: ({ system }) => system.auth({ ...LOGIN, serveraddress: 'registry.test' }),
}

async function failureOf(call: Call, auth: RegistryAuth, words: string, streamed: boolean): Promise<string> {
  await using daemon = await httpDaemon((request, response) => {
    const json = { 'content-type': 'application/json' }
    request.resume()
    if (request.method === 'GET' && !request.url?.includes('/distribution/')) {
      response.writeHead(404, json).end('{"message":"no such image"}')
    } else if (streamed) {
      response.end(`${JSON.stringify({ errorDetail: { message: words }, error: words })}\n`)
    } else {
      response.writeHead(500, json).end(JSON.stringify({ message: words }))
    }
  })
  await using docker = await connect({ host: daemon.host, apiVersion: '1.44' })
  const error: unknown = await Promise.resolve(call(docker, auth)).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof Error)
  assert.match(error.message, /denied/)
  return inspect(error, { depth: 12, showHidden: true })
}

for (const [operation, call] of Object.entries(CALLS)) {
  for (const [what, words] of Object.entries(ECHOES)) {
    for (const streamed of operation === 'distribution' || operation === 'login' ? [false] : [false, true]) {
      const how = streamed ? 'inside of its stream' : 'before its stream'
      test(`${operation}: ${what} is repeated ${how} and not shown`, async () => {
        const shown = await failureOf(call, LOGIN, words, streamed)
        assert.deepEqual(leaks(shown, [LOGIN.password, PAIR, BASIC, '0123-engine-token.45']), [])
      })
    }
  }
}

for (const auth of [{ identitytoken: 'canary-identity' }, { registrytoken: 'canary-registry' }]) {
  test(`a token is not shown either: ${Object.keys(auth).join()}`, async () => {
    const [token] = Object.values(auth)
    const shown = await failureOf(CALLS['pull'] as Call, auth, `denied: ${token}`, true)
    assert.deepEqual(leaks(shown, [String(token)]), [])
  })
}
