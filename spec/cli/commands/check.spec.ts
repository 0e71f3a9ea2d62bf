import assert from 'node:assert/strict'
import { test } from 'node:test'

import { checkCommand } from '../../../lib/cli/commands/check.ts'
import type { Check } from '../../../lib/refresh/check.ts'
import { modelEngine } from '../../../lib/testing/model/index.ts'
import { serveImages, type ImageRegistry } from '../../support/image-registry.ts'
import { testSession } from '../../support/session.ts'
import { image } from '../../support/watching.ts'

const PASSWORD = 'canary-pass-3f9c'
const ENV = {
  DOCKER_CONFIG: '/nonexistent',
  DOCKER_AUTH_CONFIG: '{}',
}

async function engineOf(registry: ImageRegistry) {
  registry.push('acme/app:latest', image('1'))
  const ref = `${registry.host}/acme/app:latest`
  const engine = modelEngine({ images: { [ref]: image('1') }, containers: [{ name: 'ws-app', Image: ref }] })
  const { host } = await engine.listen()
  return { host, ref, [Symbol.asyncDispose]: () => engine.close() }
}

test('check says in a table what the registry has, what runs, and what would be done', async () => {
  await using registry = await serveImages()
  await using made = await engineOf(registry)
  const digest = registry.push('acme/app:latest', image('2'))
  const session = testSession(ENV)
  assert.equal(await checkCommand(session, { host: made.host }, [made.ref]), 0)
  const { stdout } = session.printed()
  for (const words of [
    `${made.ref}\n`,
    `registry    ${digest}`,
    'rate limit  not told',
    'credential  anonymous',
    'ws-app      behind, runs sha256:',
    'refresh     would replace: 1 of 1 containers run something else',
  ])
    assert.ok(stdout.includes(words), `${words}\n${stdout}`)
})

test('check --json has everything, the source of the credential and never its value', async () => {
  const basic = `Basic ${Buffer.from(`robot:${PASSWORD}`).toString('base64')}`
  await using registry = await serveImages({ admits: (given) => given === basic, challenge: () => 'Basic realm="r"' })
  await using made = await engineOf(registry)
  const auths = { [registry.host]: { auth: basic.slice('Basic '.length) } }
  const session = testSession({ ...ENV, DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) })
  assert.equal(await checkCommand(session, { host: made.host, json: true }, [made.ref]), 0)
  const { stdout, stderr } = session.printed()
  const [seen] = (JSON.parse(stdout) as { images: Check[] }).images
  assert.match(seen?.credential ?? '', /DOCKER_AUTH_CONFIG/)
  assert.equal(seen?.would, 'nothing')
  assert.equal(seen?.registry?.platformDigest, seen?.registry?.digest)
  for (const secret of [PASSWORD, basic.slice('Basic '.length)]) assert.ok(!`${stdout}${stderr}`.includes(secret))
})

test('check is exit 1 for what a registry does not have, and tells the rest all the same', async () => {
  await using registry = await serveImages()
  await using made = await engineOf(registry)
  const session = testSession(ENV)
  const missing = `${registry.host}/acme/missing:latest`
  assert.equal(await checkCommand(session, { host: made.host, json: true }, [missing, made.ref]), 1)
  const { images } = JSON.parse(session.printed().stdout) as { images: Check[] }
  assert.deepEqual(
    images.map(({ error, would }) => [error?.code, would]),
    [
      ['NOT_FOUND', 'unknown'],
      [undefined, 'nothing'],
    ],
  )
})

test('a bad reference is refused before anything is asked', async () => {
  const asked = checkCommand(testSession(ENV), { host: 'unix:///nonexistent' }, ['acme//x'])
  await assert.rejects(asked, { code: 'REF_INVALID' })
})
