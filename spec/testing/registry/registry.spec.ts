import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'

import { connect, hasCode } from '../../../lib/index.ts'
import { manualClock, modelEngine } from '../../../lib/testing/model/index.ts'
import { modelRegistry, type ModelRegistry, type ModelRegistryOptions } from '../../../lib/testing/registry/index.ts'

const V1 = { config: { Cmd: ['/serve'], Env: ['V=1'] } }
const V2 = { config: { Cmd: ['/serve'], Env: ['V=2'] } }
const INDEX = 'application/vnd.oci.image.index.v1+json'
const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`

async function read(
  { url }: ModelRegistry,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Response> {
  return fetch(`${url}${path}`, { method, headers, redirect: 'manual' })
}

async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>
}

test('a manifest is what its digest says, by tag and by digest, with HEAD and GET', async () => {
  await using registry = await modelRegistry()
  const digest = registry.publish('acme/app', 'latest', V1)
  for (const reference of ['latest', digest]) {
    const got = await read(registry, `/v2/acme/app/manifests/${reference}`)
    const bytes = Buffer.from(await got.arrayBuffer())
    assert.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, digest)
    const head = await read(registry, `/v2/acme/app/manifests/${reference}`, {}, 'HEAD')
    assert.equal(head.headers.get('docker-content-digest'), digest)
    assert.equal(head.headers.get('content-length'), String(bytes.length))
  }
  assert.equal((await read(registry, '/v2/acme/app/manifests/none')).status, 404)
})

test('an index names its images by platform, and is refused to who does not accept one', async () => {
  await using registry = await modelRegistry()
  registry.publish('acme/app', 'latest', { manifests: [V1, { ...V1, architecture: 'arm64' }] })
  const { manifests } = await json(await read(registry, '/v2/acme/app/manifests/latest', { Accept: INDEX }))
  const platforms = (manifests as { platform: { architecture: string } }[]).map(({ platform }) => platform.architecture)
  assert.deepEqual(platforms, ['amd64', 'arm64'])
  const accept = { Accept: 'application/vnd.docker.distribution.manifest.v2+json' }
  assert.equal((await read(registry, '/v2/acme/app/manifests/latest', accept)).status, 404)
})

test('tags come in pages, repositories in a catalog', async () => {
  await using registry = await modelRegistry()
  for (const tag of ['a', 'b', 'c']) registry.publish('acme/app', tag, V1)
  const first = await read(registry, '/v2/acme/app/tags/list?n=2')
  assert.equal(first.headers.get('link'), '</v2/acme/app/tags/list?n=2&last=b>; rel="next"')
  assert.deepEqual((await json(first))['tags'], ['a', 'b'])
  assert.deepEqual((await json(await read(registry, '/v2/acme/app/tags/list?n=2&last=b')))['tags'], ['c'])
  assert.deepEqual((await json(await read(registry, '/v2/_catalog')))['repositories'], ['acme/app'])
})

test('Basic lets in who has the password', async () => {
  await using registry = await modelRegistry({ auth: 'basic' })
  assert.equal((await read(registry, '/v2/')).headers.get('www-authenticate'), 'Basic realm="model registry"')
  assert.equal((await read(registry, '/v2/', { Authorization: basic('ci:wrong') })).status, 401)
  assert.equal((await read(registry, '/v2/', { Authorization: basic('ci:s3cret') })).status, 200)
})

async function tokenFor(registry: ModelRegistry, authorization?: string): Promise<string> {
  const headers: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization }
  const answer = await read(registry, '/token?service=x&scope=repository:acme/app:pull', headers)
  return `Bearer ${String((await json(answer))['token'])}`
}

test('Bearer gives tokens that open what they were asked for, as long as they live', async () => {
  const clock = manualClock()
  await using registry = await modelRegistry({ auth: 'bearer', tokenTtl: 60, clock })
  registry.publish('acme/app', 'latest', V1)
  registry.publish('acme/other', 'latest', V1)
  const challenge = (await read(registry, '/v2/acme/app/manifests/latest')).headers.get('www-authenticate')
  assert.equal(
    challenge,
    `Bearer realm="${registry.url}/token",service="${registry.host}",scope="repository:acme/app:pull"`,
  )
  const status = async (path: string, authorization: string): Promise<number> =>
    (await read(registry, path, { Authorization: authorization })).status
  const token = await tokenFor(registry, basic('ci:s3cret'))
  assert.equal(await status('/v2/acme/app/manifests/latest', token), 200)
  assert.equal(await status('/v2/acme/other/manifests/latest', token), 403)
  assert.equal(await status('/v2/acme/app/manifests/latest', await tokenFor(registry)), 403)
  await clock.advance(60_000)
  assert.equal(await status('/v2/acme/app/manifests/latest', token), 401)
})

test('a refresh token is had by password and good for tokens', async () => {
  await using registry = await modelRegistry({ auth: 'bearer' })
  const post = async (form: Record<string, string>): Promise<Record<string, unknown>> =>
    json(await fetch(`${registry.url}/token`, { method: 'POST', body: new URLSearchParams(form) }))
  const login = { grant_type: 'password', username: 'ci', password: 's3cret', access_type: 'offline', scope: '' }
  const refresh = String((await post(login))['refresh_token'])
  const token = (await post({ grant_type: 'refresh_token', refresh_token: refresh, scope: 'repository:a/b:pull' }))[
    'token'
  ]
  assert.match(String(token), /^token-/)
  assert.deepEqual(Object.keys(await post({ grant_type: 'refresh_token', refresh_token: 'made up' })), ['errors'])
})

test('a rate limit is told with the time to wait, and counts no HEAD', async () => {
  await using registry = await modelRegistry({ limit: { pulls: 1, retryAfter: '120' } })
  registry.publish('acme/app', 'latest', V1)
  const path = '/v2/acme/app/manifests/latest'
  assert.equal((await read(registry, path, {}, 'HEAD')).status, 200)
  assert.equal((await read(registry, path)).status, 200)
  const limited = await read(registry, path)
  assert.equal(limited.status, 429)
  assert.equal(limited.headers.get('retry-after'), '120')
})

test('a tag may flap between images', async () => {
  await using registry = await modelRegistry()
  const first = registry.publish('acme/app', 'latest', V1, V2)
  const digests: string[] = []
  for (let i = 0; i < 3; i++)
    digests.push(
      (await read(registry, '/v2/acme/app/manifests/latest', {}, 'HEAD')).headers.get('docker-content-digest') ?? '',
    )
  assert.deepEqual([digests[0], digests[2]], [first, first])
  assert.notEqual(digests[1], first)
})

test('every kind of trouble can be made, and is in the log', async () => {
  await using registry = await modelRegistry()
  const digest = registry.publish('acme/app', 'latest', V1)
  const path = '/v2/acme/app/manifests/latest'
  const made = async (trouble: ReturnType<NonNullable<ModelRegistryOptions['trouble']>>): Promise<Response> => {
    registry.trouble = () => trouble
    return read(registry, path)
  }
  assert.equal((await made({ status: 503, headers: { 'Retry-After': '1' } })).status, 503)
  assert.equal((await made({ redirect: 'http://elsewhere/' })).headers.get('location'), 'http://elsewhere/')
  assert.equal((await made({ digest: undefined })).headers.get('docker-content-digest'), null)
  assert.notEqual((await made({ digest: `sha256:${'0'.repeat(64)}` })).headers.get('docker-content-digest'), digest)
  assert.equal((await made({ contentType: 'text/plain' })).headers.get('content-type'), 'text/plain')
  assert.match(await (await made('html')).text(), /^<!doctype html>/)
  assert.equal((await (await made('large')).arrayBuffer()).byteLength, 5 << 20)
  await assert.rejects(made('cut').then((response) => response.text()))
  const endless = await made('endless')
  const reader = endless.body?.getReader()
  assert.equal((await reader?.read())?.done, false)
  await reader?.cancel()
  assert.deepEqual(registry.calls.map(({ status }) => status).slice(0, 2), [503, 307])
})

test('the model engine pulls from it, with a login where one is wanted', async () => {
  for (const auth of ['open', 'basic', 'bearer'] as const) {
    await using registry = await modelRegistry({ auth })
    registry.publish('acme/app', 'latest', { manifests: [V1] })
    await using engine = modelEngine({ registries: [registry.host] })
    await using docker = await connect({ host: 'unix:///model', transport: () => engine.transport() })
    const ref = `${registry.host}/acme/app`
    const login = { username: 'ci', password: 's3cret' }
    const wrong = { username: 'ci', password: 'wrong' }
    if (auth !== 'open') {
      await assert.rejects(
        async () => docker.images.pull(ref, { auth: wrong }),
        (error) => hasCode(error, 'CREDENTIALS_REJECTED'),
      )
    }
    assert.equal((await docker.images.pull(ref, { auth: login })).changed, true)
    registry.publish('acme/app', 'latest', { manifests: [V2] })
    assert.equal((await docker.images.pull(ref, { auth: login })).changed, true)
    registry.untag('acme/app', 'latest')
    await assert.rejects(
      async () => docker.images.pull(ref, { auth: login }),
      (error) => hasCode(error, 'NOT_FOUND'),
    )
  }
})
