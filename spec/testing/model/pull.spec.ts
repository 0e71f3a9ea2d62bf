import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode, type Docker, type ErrorCode } from '../../../lib/index.ts'
import type { ModelEngine, ModelImage, ProfileName, PublishOptions } from '../../../lib/testing/model/index.ts'
import { PROFILES } from '../../../lib/testing/model/profiles.ts'
import { APP, V1, V2, lab, type Lab } from './engines.ts'

const LAYERED = {
  config: { Cmd: ['/serve'] },
  layers: [
    { name: 'base', bytes: 17_000_000 },
    { name: 'app', bytes: 400 },
  ],
}

async function lines(docker: Docker, ref: string): Promise<string[]> {
  const seen: string[] = []
  for await (const { id, status } of docker.images.pull(ref))
    seen.push(id === undefined ? `${status}` : `${id} ${status}`)
  return seen
}

test('a pull of dockerd tells each layer, then its digest and what it came to', async () => {
  const { engine, docker } = await lab()
  const digest = engine.publish('acme/big:1', LAYERED)
  const first = await lines(docker, 'acme/big:1')
  assert.equal(first[0], '1 Pulling from acme/big')
  assert.equal(first.filter((line) => line.endsWith('Pull complete')).length, 2)
  assert.deepEqual(first.slice(-2), [`Digest: ${digest}`, 'Status: Downloaded newer image for acme/big:1'])
  const again = await lines(docker, 'acme/big:1')
  assert.deepEqual(again.slice(-2), [`Digest: ${digest}`, 'Status: Image is up to date for acme/big:1'])
  assert.equal(again.filter((line) => line.endsWith('Already exists')).length, 2)
})

test("podman's pull has no closing line: it ends with the image's own id", async () => {
  const { engine, docker } = await lab({ profile: 'podman' })
  engine.publish('acme/big:1', LAYERED)
  const seen = await lines(docker, 'acme/big:1')
  const id = engine.images().find(({ tags }) => tags[0]?.endsWith('big:1') === true)?.id ?? ''
  assert.equal(seen.at(-1), `${id.slice(7, 19)} Download complete`)
})

const FAILURES: readonly { readonly how: PublishOptions; readonly code: ErrorCode }[] = [
  { how: { refused: 'no-credentials' }, code: 'CREDENTIALS_MISSING' },
  { how: { refused: 'denied' }, code: 'CREDENTIALS_MISSING' },
  { how: { refused: 'no-manifest' }, code: 'NOT_FOUND' },
  { how: { refused: 'rate-limited' }, code: 'RATE_LIMITED' },
  { how: { refused: 'unavailable' }, code: 'REGISTRY_UNAVAILABLE' },
  { how: { refused: 'unreachable' }, code: 'REGISTRY_UNAVAILABLE' },
  { how: { fails: 'broken-layer' }, code: 'PULL_FAILED' },
  { how: { fails: 'cut' }, code: 'CONNECTION_LOST' },
]

for (const profile of Object.keys(PROFILES) as ProfileName[]) {
  test(`on ${profile} every failure of a pull has its cause, and brings no image`, async () => {
    const { engine, docker } = await lab({ profile })
    for (const { how, code } of FAILURES) {
      engine.publish('acme/failing:1', V2, how)
      await assert.rejects(
        async () => docker.images.pull('acme/failing:1'),
        (error) => hasCode(error, code),
        `${Object.values(how).join()} is ${code}`,
      )
      assert.equal(engine.images().length, 1)
    }
  })
}

const locked = (): Promise<Lab> =>
  lab({ profile: '28', credentials: { 'ghcr.io': { username: 'ci', password: 'a?>~b' } } })

test('a credential counts when it is base64url with padding, and is dropped in silence otherwise', async () => {
  const { engine, docker } = await locked()
  engine.publish('ghcr.io/acme/new:1', V2)
  const auth = { username: 'ci', password: 'a?>~b' }
  assert.equal((await docker.images.pull('ghcr.io/acme/new:1', { auth })).changed, true)
  const good =
    engine.calls.find(({ headers }) => headers['x-registry-auth'] !== undefined)?.headers['x-registry-auth'] ?? ''
  assert.match(good, /[-_]/)
  for (const bad of [good.replaceAll('=', ''), good.replaceAll('-', '+').replaceAll('_', '/'), JSON.stringify(auth)]) {
    const refused = await send(engine, '/images/create?fromImage=ghcr.io/acme/new&tag=1', bad)
    assert.match(refused, /no basic auth credentials/)
  }
})

test('the containerd store drops a credential of another server, the classic one sends it wherever it is told', async () => {
  for (const [profile, works] of [
    ['28', true],
    ['28-containerd', false],
  ] as const) {
    const { engine } = await lab({ profile, credentials: { 'ghcr.io': { username: 'ci', password: 'x' } } })
    engine.publish('ghcr.io/acme/new:1', V2)
    const header = Buffer.from(JSON.stringify({ username: 'ci', password: 'x', serveraddress: 'quay.io' })).toString(
      'base64',
    )
    const answer = await send(engine, '/images/create?fromImage=ghcr.io/acme/new&tag=1', header)
    assert.equal(answer.includes('Downloaded newer image'), works, `${profile}: ${answer}`)
  }
})

test('a name without a tag pulls every tag', async () => {
  const { engine } = await lab()
  engine.publish('acme/many:a', V1)
  engine.publish('acme/many:b', V2)
  await send(engine, '/images/create?fromImage=acme/many')
  const tags = engine.images().flatMap((image) => image.tags)
  assert.deepEqual(tags.filter((tag) => tag.startsWith('acme/many')).toSorted(), ['acme/many:a', 'acme/many:b'])
})

const index = (provenance: string): ModelImage => ({
  manifests: [{ config: { Cmd: ['/serve'] } }],
  annotations: { provenance },
})

test('an index pushed anew with the same image changes nothing on the classic store and the id on the containerd one', async () => {
  for (const [profile, changes, digests] of [
    ['28', false, 2],
    ['28-containerd', true, 1],
  ] as const) {
    const { engine, docker } = await lab({ profile, images: {} })
    engine.publish(APP, index('first'))
    const first = await docker.images.pull(APP)
    engine.publish(APP, index('second'))
    const second = await docker.images.pull(APP)
    assert.equal(second.changed, changes)
    assert.equal(first.id !== second.id, changes)
    const image = engine.images().find(({ id }) => id === second.id)
    assert.equal(image?.digests.length, digests)
  }
})

test('who leaves a pull has pulled nothing', async () => {
  const { engine, docker } = await lab()
  engine.publish('acme/big:1', LAYERED)
  for await (const _ of docker.images.pull('acme/big:1')) break
  assert.equal(engine.images().length, 1)
  await docker.images.pull('acme/big:1')
  assert.equal(engine.images().length, 2)
})

/** A call as it goes over the wire, for headers that no client would send. */
async function send(engine: ModelEngine, path: string, auth?: string): Promise<string> {
  const response = await engine.transport().request({
    method: 'POST',
    path,
    headers: auth === undefined ? {} : { 'X-Registry-Auth': auth },
    headersTimeout: 0,
    idleTimeout: 0,
  })
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
