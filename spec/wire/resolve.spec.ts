import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { endpointUrl } from '../../lib/wire/endpoint.ts'
import { resolveEndpoint, type ResolveOptions } from '../../lib/wire/resolve.ts'
import { fakeFiles } from '../support/files.ts'

const DIR = '/home/me/.docker'

function meta(name: string, dir = DIR): Record<string, string> {
  const id = createHash('sha256').update(name).digest('hex')
  const text = JSON.stringify({ Name: name, Endpoints: { docker: { Host: `unix:///${name}.sock` } } })
  return { [`${dir}/contexts/meta/${id}/meta.json`]: text }
}

const files = fakeFiles(
  {
    ...meta('option'),
    ...meta('of-env'),
    ...meta('current'),
    [`${DIR}/config.json`]: '{"currentContext":"current"}',
    [`/other/config.json`]: '{"currentContext":"elsewhere"}',
    ...meta('elsewhere', '/other'),
  },
  { '/var/run/docker.sock': 'socket' },
)
const HOME = { HOME: '/home/me' }

const order: readonly [what: string, options: Partial<ResolveOptions>, url: string, source: RegExp][] = [
  [
    'the host option wins over everything',
    { host: 'unix:///a.sock', env: { ...HOME, DOCKER_HOST: 'tcp://b:1', DOCKER_CONTEXT: 'of-env' } },
    'unix:///a.sock',
    /^the host option$/,
  ],
  [
    'the context option wins over everything',
    { context: 'option', env: { ...HOME, DOCKER_HOST: 'tcp://b:1', DOCKER_CONTEXT: 'of-env' } },
    'unix:///option.sock',
    /^the context "option" \(the context option\)$/,
  ],
  [
    'DOCKER_HOST wins over DOCKER_CONTEXT',
    { env: { ...HOME, DOCKER_HOST: 'tcp://b:1', DOCKER_CONTEXT: 'of-env' } },
    'tcp://b:1',
    /^DOCKER_HOST$/,
  ],
  [
    'DOCKER_CONTEXT wins over currentContext',
    { env: { ...HOME, DOCKER_HOST: '', DOCKER_CONTEXT: 'of-env' } },
    'unix:///of-env.sock',
    /\(DOCKER_CONTEXT\)$/,
  ],
  ['currentContext wins over the default sockets', { env: HOME }, 'unix:///current.sock', /\(currentContext of /],
  [
    'DOCKER_CONFIG is the folder of config.json and the contexts',
    { env: { ...HOME, DOCKER_CONFIG: '/other' } },
    'unix:///elsewhere.sock',
    /currentContext of \/other/,
  ],
  [
    'without any of them it is the first default socket',
    { env: { HOME: '/nobody' } },
    'unix:///var/run/docker.sock',
    /^the first default socket that is there$/,
  ],
  [
    'the context "default" means the default sockets',
    { env: { ...HOME, DOCKER_CONTEXT: 'default' } },
    'unix:///var/run/docker.sock',
    /default socket/,
  ],
  [
    'a newline at the end of DOCKER_HOST is none of it',
    { env: { ...HOME, DOCKER_HOST: 'unix:///a.sock\n' } },
    'unix:///a.sock',
    /^DOCKER_HOST$/,
  ],
  [
    'empty options count as none',
    { host: '', context: '', env: { HOME: '/nobody' } },
    'unix:///var/run/docker.sock',
    /default socket/,
  ],
]
for (const [what, options, url, source] of order) {
  test(what, async () => {
    const endpoint = await resolveEndpoint({ env: {}, files, ...options })
    assert.equal(endpointUrl(endpoint), url)
    assert.match(endpoint.source, source)
  })
}

test('a host and a context at once are refused', async () => {
  await assert.rejects(
    resolveEndpoint({ host: 'unix:///a', context: 'b', env: {}, files }),
    (error) => hasCode(error, 'INPUT_INVALID') && /leave one of them out/.test(error.message),
  )
})

test('TLS of the environment goes with tcp://, whoever named it, and with nothing else', async () => {
  const env = { ...HOME, DOCKER_CERT_PATH: '/certs' }
  const certs = fakeFiles({ '/certs/ca.pem': 'CA' })
  const secure = await resolveEndpoint({ host: 'tcp://a', env, files: certs })
  assert.deepEqual(secure.kind === 'tcp' && [secure.port, secure.tls?.ca], [2376, 'CA'])
  const viaEnv = await resolveEndpoint({ env: { ...env, DOCKER_HOST: 'tcp://a:1' }, files: certs })
  assert.equal(viaEnv.kind === 'tcp' && viaEnv.tls?.ca, 'CA')
  const broken = fakeFiles()
  assert.equal((await resolveEndpoint({ host: 'unix:///a', env, files: broken })).kind, 'unix')
  assert.equal((await resolveEndpoint({ host: 'ssh://a', env, files: broken })).kind, 'ssh')
  assert.deepEqual(broken.read, [])
})

test('TLS material of the options wins over that of the environment', async () => {
  const none = fakeFiles()
  const env = { ...HOME, DOCKER_CERT_PATH: '/certs' }
  const endpoint = await resolveEndpoint({ host: 'tcp://a', tls: { ca: 'MINE' }, env, files: none })
  assert.deepEqual(endpoint.kind === 'tcp' && endpoint.tls, { ca: 'MINE' })
  assert.deepEqual(none.read, [])
})

test('a named host touches no file: a broken config.json does not matter', async () => {
  const broken = fakeFiles({ [`${DIR}/config.json`]: '{' })
  await resolveEndpoint({ env: { ...HOME, DOCKER_HOST: 'unix:///a' }, files: broken })
  assert.deepEqual(broken.read, [])
  await assert.rejects(resolveEndpoint({ env: HOME, files: broken }), (error) => hasCode(error, 'CONFIG_INVALID'))
})
