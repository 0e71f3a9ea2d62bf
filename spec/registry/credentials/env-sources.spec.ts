import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../../lib/base/errors.ts'
import { basic, configWith, credentialWorld, shown } from '../../support/credentials.ts'
import { row } from '../../support/matrix.ts'

const see = async (env: Record<string, string>, registry = 'ghcr.io', files: Record<string, string> = {}) => {
  const world = credentialWorld({ env, files })
  try {
    const { auth, source } = await world.credentials.resolve(registry)
    return { auth: shown(auth), source, log: world.log }
  } catch (error) {
    return {
      auth: hasCode(error, 'CREDENTIALS_INVALID') ? 'CREDENTIALS_INVALID' : 'another error',
      source: '',
      log: [],
    }
  }
}

for (const [only, other] of [
  ['GHCR_USER', 'GHCR_TOKEN'],
  ['GHCR_TOKEN', 'GHCR_USER'],
] as const) {
  row('F53', `${only} without ${other}`, 'none, warned, and the source says so', async () => {
    const { auth, source, log } = await see({ [only]: 'canary' })
    const said = log.length === 1 && source.includes(`${only} is set but ${other} is not`)
    return `${auth}${said ? ', warned, and the source says so' : ', in silence'}`
  })
}
row(
  'F54',
  'token with a newline at its end',
  'u tok',
  async () => (await see({ GHCR_USER: ' u ', GHCR_TOKEN: 'tok\n' })).auth,
)
row('F54', 'token in quotes', 'u "tok"', async () => (await see({ GHCR_USER: 'u', GHCR_TOKEN: '"tok"' })).auth)
row(
  'F54',
  'token with CR LF inside',
  'CREDENTIALS_INVALID',
  async () => (await see({ GHCR_USER: 'u', GHCR_TOKEN: 'tok\r\nX: y' })).auth,
)
row(
  'F54',
  'token with a space inside',
  'CREDENTIALS_INVALID',
  async () => (await see({ GHCR_USER: 'u', GHCR_TOKEN: 'a b' })).auth,
)
row(
  'F54',
  'user with a NUL inside',
  'CREDENTIALS_INVALID',
  async () => (await see({ GHCR_USER: 'u\0', GHCR_TOKEN: 't' })).auth,
)

test('the GHCR pair goes to ghcr.io and to the registry of the workspace images, and to nobody else', async () => {
  const env = { GHCR_USER: 'u', GHCR_TOKEN: 't', MOLECULE_IMAGE_REGISTRY: 'reg.example:5000/acme/team' }
  const hosts = ['ghcr.io', 'reg.example:5000', 'reg.example', 'docker.io', 'ghcr.io.evil.example', 'xghcr.io', 'acme']
  const seen = await Promise.all(hosts.map(async (host) => (await see(env, host)).auth))
  assert.deepEqual(seen, ['u t', 'u t', 'none', 'none', 'none', 'none', 'none'])
})

test('either half may come from the file that its _FILE variable names', async () => {
  const files = { '/run/secrets/token': ' tok\n', '/run/secrets/user': 'me\n' }
  const env = { GHCR_USER_FILE: '/run/secrets/user', GHCR_TOKEN_FILE: '/run/secrets/token' }
  const { auth, source } = await see(env, 'ghcr.io', files)
  assert.equal(auth, 'me tok')
  assert.equal(source, 'GHCR_USER_FILE and GHCR_TOKEN_FILE')
})

test('a half that comes from two places, or from a file that is not there, is an error', async () => {
  assert.equal((await see({ GHCR_USER: 'u', GHCR_TOKEN: 't', GHCR_TOKEN_FILE: '/x' })).auth, 'CREDENTIALS_INVALID')
  assert.equal((await see({ GHCR_USER: 'u', GHCR_TOKEN_FILE: '/x' })).auth, 'CREDENTIALS_INVALID')
})

test('an empty pair is no pair, and nothing is said', async () => {
  const { auth, source, log } = await see({ GHCR_USER: '', GHCR_TOKEN: ' ' })
  assert.deepEqual([auth, source, log], ['none', 'anonymous', []])
})

test('the environment is read at every question', async () => {
  const world = credentialWorld()
  assert.equal(shown((await world.credentials.resolve('ghcr.io')).auth), 'none')
  world.env['GHCR_USER'] = 'u'
  world.env['GHCR_TOKEN'] = 't'
  assert.equal(shown((await world.credentials.resolve('ghcr.io')).auth), 'u t')
})

test('DOCKER_AUTH_CONFIG answers for its registries and leaves others to the files', async () => {
  const env = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'a.example': basic('env:p') } }) }
  const files = configWith({ 'a.example': basic('file:p'), 'b.example': basic('file:p') })
  assert.equal((await see(env, 'a.example', files)).auth, 'env p')
  assert.equal((await see(env, 'b.example', files)).auth, 'file p')
})

test('DOCKER_AUTH_CONFIG with unknown members is ignored aloud, as docker does', async () => {
  const env = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'a.example': basic('env:p') }, credsStore: 'x' }) }
  const { auth, log } = await see(env, 'a.example', configWith({ 'a.example': basic('file:p') }))
  assert.equal(auth, 'file p')
  assert.match(log.join(), /DOCKER_AUTH_CONFIG is ignored/)
})
