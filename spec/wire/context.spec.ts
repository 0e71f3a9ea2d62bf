import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { reveal } from '../../lib/base/secret.ts'
import { currentContext, readContext } from '../../lib/wire/context.ts'
import { fakeFiles } from '../support/files.ts'

const DIR = '/home/me/.docker'

function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex')
}

function metaOf(name: string, docker: object | undefined, more: Record<string, string> = {}): Record<string, string> {
  const meta = { Name: name, Metadata: {}, Endpoints: docker === undefined ? {} : { docker } }
  return { [`${DIR}/contexts/meta/${idOf(name)}/meta.json`]: JSON.stringify(meta), ...more }
}

test('a context gives its host, and says that it did', async () => {
  const files = fakeFiles(metaOf('colima', { Host: 'unix:///home/me/.colima/docker.sock', SkipTLSVerify: false }))
  assert.deepEqual(await readContext('colima', 'DOCKER_CONTEXT', DIR, files), {
    kind: 'unix',
    socketPath: '/home/me/.colima/docker.sock',
    source: 'the context "colima" (DOCKER_CONTEXT)',
  })
})

test('the TLS material of a context is in the folder of its docker endpoint', async () => {
  const folder = `${DIR}/contexts/tls/${idOf('prod')}/docker`
  const pem = { [`${folder}/ca.pem`]: 'CA', [`${folder}/cert.pem`]: 'CERT', [`${folder}/key.pem`]: 'KEY' }
  const files = fakeFiles(metaOf('prod', { Host: 'tcp://prod' }, pem))
  const endpoint = await readContext('prod', 'the context option', DIR, files)
  assert.ok(endpoint.kind === 'tcp')
  assert.deepEqual([endpoint.port, endpoint.tls?.ca, endpoint.tls?.cert], [2376, 'CA', 'CERT'])
  assert.equal(reveal(endpoint.tls?.key ?? ''), 'KEY')
})

test('a context may take any certificate when it says so itself', async () => {
  const files = fakeFiles(metaOf('dev', { Host: 'tcp://dev:2376', SkipTLSVerify: true }))
  const endpoint = await readContext('dev', 'x', DIR, files)
  assert.deepEqual(endpoint.kind === 'tcp' && endpoint.tls, { verify: false })
})

test('a context over ssh and one without TLS are read too', async () => {
  const files = fakeFiles({ ...metaOf('a', { Host: 'ssh://me@box' }), ...metaOf('b', { Host: 'tcp://b:1' }) })
  assert.equal((await readContext('a', 'x', DIR, files)).kind, 'ssh')
  const plain = await readContext('b', 'x', DIR, files)
  assert.ok(plain.kind === 'tcp' && plain.tls === undefined)
})

const wrong: readonly [what: string, files: Record<string, string>, message: RegExp][] = [
  ['one that is not there', {}, /"prod" \(DOCKER_CONTEXT\) is not in .*contexts: see "docker context ls"/],
  ['one without a docker endpoint', metaOf('prod', undefined), /no docker endpoint/],
  ['one with an empty host', metaOf('prod', { Host: '' }), /no docker endpoint/],
  ['one whose host is no text', metaOf('prod', { Host: 7 }), /no docker endpoint/],
  ['one that is not JSON', { [`${DIR}/contexts/meta/${idOf('prod')}/meta.json`]: '{"hunter2' }, /it is not JSON$/],
  ['one that is no object', { [`${DIR}/contexts/meta/${idOf('prod')}/meta.json`]: '[]' }, /not a JSON object/],
]
for (const [what, files, message] of wrong) {
  test(`of contexts, ${what} is an error that says so`, async () => {
    await assert.rejects(
      readContext('prod', 'DOCKER_CONTEXT', DIR, fakeFiles(files)),
      (error) =>
        hasCode(error, 'CONFIG_INVALID') &&
        message.test(error.message) &&
        !/hunter2/.test(error.message + String(error.cause)),
    )
  })
}

test('a host of a context that cannot be read names the context', async () => {
  const files = fakeFiles(metaOf('odd', { Host: 'fd://' }))
  await assert.rejects(readContext('odd', 'DOCKER_CONTEXT', DIR, files), /the context "odd" \(DOCKER_CONTEXT\) is "fd:/)
})

test('a name cannot lead out of the folder of contexts', async () => {
  const files = fakeFiles()
  await assert.rejects(readContext('../../etc/passwd', 'x', DIR, files))
  assert.deepEqual(files.read, [`${DIR}/contexts/meta/${idOf('../../etc/passwd')}/meta.json`])
})

test('currentContext is read from config.json, which need not be there nor name one', async () => {
  const path = `${DIR}/config.json`
  assert.equal(await currentContext(DIR, fakeFiles({ [path]: '{"currentContext":"colima","auths":{}}' })), 'colima')
  for (const files of [{}, { [path]: '{}' }, { [path]: '{"currentContext":7}' }])
    assert.equal(await currentContext(DIR, fakeFiles(files)), undefined)
})

test('a config.json that cannot be read is an error that names the file and quotes nothing of it', async () => {
  const path = `${DIR}/config.json`
  for (const text of [
    '{"auths":{"ghcr.io":{"auth":"hunter2"}',
    '["hunter2"]',
    new Error('EACCES: permission denied'),
  ]) {
    await assert.rejects(
      currentContext(DIR, fakeFiles({ [path]: text })),
      (error) =>
        hasCode(error, 'CONFIG_INVALID') &&
        error.message.includes(path) &&
        !/hunter2/.test(`${error.message}${error.stack}`),
    )
  }
})
