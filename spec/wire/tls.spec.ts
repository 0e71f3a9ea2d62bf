import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'

import { hasCode } from '../../lib/base/errors.ts'
import { reveal } from '../../lib/base/secret.ts'
import { readTls, tlsFromEnv } from '../../lib/wire/tls.ts'
import { fakeFiles } from '../support/files.ts'

const CONFIG = '/home/me/.docker'
const all = (folder: string): Record<string, string> => ({
  [`${folder}/ca.pem`]: 'CA',
  [`${folder}/cert.pem`]: 'CERT',
  [`${folder}/key.pem`]: 'KEY',
})

test('without DOCKER_CERT_PATH and DOCKER_TLS_VERIFY there is no TLS', async () => {
  for (const env of [{}, { DOCKER_CERT_PATH: '', DOCKER_TLS_VERIFY: '' }])
    assert.equal(await tlsFromEnv(env, CONFIG, fakeFiles(all(CONFIG))), undefined)
})

test('DOCKER_CERT_PATH is a folder with ca.pem, cert.pem and key.pem, and the key is not shown', async () => {
  const tls = await tlsFromEnv({ DOCKER_CERT_PATH: '/certs' }, CONFIG, fakeFiles(all('/certs')))
  assert.deepEqual([tls?.ca, tls?.cert, reveal(tls?.key ?? ''), tls?.verify], ['CA', 'CERT', 'KEY', undefined])
  assert.doesNotMatch(inspect(tls) + JSON.stringify(tls), /KEY/)
})

test('DOCKER_TLS_VERIFY alone uses the folder of config.json, and what Node.js trusts when that has none', async () => {
  const tls = await tlsFromEnv({ DOCKER_TLS_VERIFY: '1' }, CONFIG, fakeFiles(all(CONFIG)))
  assert.equal(tls?.ca, 'CA')
  assert.deepEqual(await tlsFromEnv({ DOCKER_TLS_VERIFY: '1' }, CONFIG, fakeFiles()), {})
})

test('a CA alone is enough: not every engine asks for a certificate', async () => {
  const tls = await readTls('/certs', 'DOCKER_CERT_PATH', fakeFiles({ '/certs/ca.pem': 'CA' }))
  assert.deepEqual(tls, { ca: 'CA', cert: undefined, key: undefined })
})

const wrong: readonly [what: string, files: Record<string, string | Error>, message: RegExp][] = [
  ['an empty folder', {}, /DOCKER_CERT_PATH is \/certs, which has no ca\.pem, cert\.pem or key\.pem/],
  ['a certificate without its key', { '/certs/cert.pem': 'CERT' }, /has cert\.pem and no key\.pem/],
  ['a key without its certificate', { '/certs/key.pem': 'KEY' }, /has key\.pem and no cert\.pem/],
  [
    'a file that may not be read',
    { '/certs/ca.pem': new Error('EACCES') },
    /cannot read ca\.pem of DOCKER_CERT_PATH: EACCES/,
  ],
]
for (const [what, files, message] of wrong) {
  test(`${what} is an error that says so`, async () => {
    await assert.rejects(
      tlsFromEnv({ DOCKER_CERT_PATH: '/certs' }, CONFIG, fakeFiles(files)),
      (error) => hasCode(error, 'CONFIG_INVALID') && message.test(error.message),
    )
  })
}
