import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'

import { hasCode } from '../../../lib/base/errors.ts'
import { basic, configWith, credentialWorld, DOCKER_CONFIG, shown } from '../../support/credentials.ts'

test('places are asked in docker order, and the source says which one answered', async () => {
  const world = credentialWorld({
    explicit: { 'ghcr.io': { username: 'given', password: 'p' } },
    env: {
      GHCR_USER: 'g',
      GHCR_TOKEN: 't',
      DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'ghcr.io': basic('env:p'), 'b.example': basic('env:p') } }),
      MOLECULE_IMAGE_REGISTRY: 'a.example/acme',
      XDG_RUNTIME_DIR: '/run/u',
    },
    files: {
      ...configWith({ 'a.example': basic('file:p'), 'b.example': basic('file:p'), 'c.example': basic('file:p') }),
      '/run/u/containers/auth.json': JSON.stringify({
        auths: { 'c.example': basic('pod:p'), 'd.example': basic('pod:p') },
      }),
    },
  })
  const seen = await Promise.all(
    ['ghcr.io', 'a.example', 'b.example', 'c.example', 'd.example', 'e.example'].map(async (registry) => {
      const { auth, source } = await world.credentials.resolve(registry)
      return `${registry}: ${shown(auth)} from ${source}`
    }),
  )
  assert.deepEqual(seen, [
    'ghcr.io: given p from the credentials given',
    'a.example: g t from GHCR_USER and GHCR_TOKEN',
    'b.example: env p from DOCKER_AUTH_CONFIG',
    `c.example: file p from auths of ${DOCKER_CONFIG}`,
    'd.example: pod p from auths of /run/u/containers/auth.json',
    'e.example: none from anonymous',
  ])
})

test('a listing names hosts and sources and never a value', async () => {
  const world = credentialWorld({
    explicit: { 'x.example': { username: 'canary-user', password: 'canary-secret' } },
    env: { GHCR_USER: 'canary-user', GHCR_TOKEN: 'canary-secret' },
    files: configWith(
      { 'ghcr.io': basic('canary-user:canary-secret'), 'https://index.docker.io/v1/': basic('u:p'), 'm.example': {} },
      { credHelpers: { 'ecr.example': 'ecr-login' } },
    ),
  })
  const listed = await world.credentials.list()
  assert.deepEqual(listed, [
    { registry: 'x.example', source: 'the credentials given' },
    { registry: 'ghcr.io', source: 'GHCR_USER and GHCR_TOKEN' },
    { registry: 'ecr.example', source: 'credential helper ecr-login' },
    { registry: 'docker.io', source: `auths of ${DOCKER_CONFIG}` },
  ])
  assert.deepEqual(world.asked, [], 'no helper was asked')
})

test('a resolved credential printed as JSON or text shows no secret', async () => {
  const world = credentialWorld({ env: { GHCR_USER: 'u', GHCR_TOKEN: 'canary-secret' } })
  const resolved = await world.credentials.resolve('ghcr.io')
  assert.doesNotMatch(JSON.stringify(resolved), /canary/)
  assert.doesNotMatch(inspect(resolved, { depth: 9, showHidden: true }), /canary/)
})

test('the same complaint is logged once, however often it is met', async () => {
  const world = credentialWorld({ env: { GHCR_USER: 'u' } })
  await world.credentials.resolve('ghcr.io')
  await world.credentials.resolve('ghcr.io')
  assert.equal(world.log.length, 1)
})

test('a config.json that is not JSON is an error that names the file and not its text', async () => {
  const world = credentialWorld({ files: { [DOCKER_CONFIG]: '{"auths": canary-secret' } })
  await assert.rejects(world.credentials.resolve('ghcr.io'), (error: Error) => {
    assert.ok(hasCode(error, 'CREDENTIALS_INVALID'))
    assert.match(error.message, /config\.json/)
    assert.doesNotMatch(`${error.message}${String(error.cause)}`, /canary/)
    return true
  })
})
