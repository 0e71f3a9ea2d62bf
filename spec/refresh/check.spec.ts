import assert from 'node:assert/strict'
import { test } from 'node:test'

import { check, type Check } from '../../lib/refresh/check.ts'
import type { ModelImage } from '../../lib/testing/model/index.ts'
import type { ImageSpec } from '../../lib/testing/registry/image.ts'
import { CREWAI, HERMES, broken, image, targets, watchScene, type WatchScene } from '../support/watching.ts'

const both = {
  images: { [HERMES]: image('1'), [CREWAI]: image('1') },
  containers: [
    { name: 'ws-1', Image: HERMES },
    { name: 'ws-2', Image: HERMES },
    { name: 'ws-3', Image: CREWAI },
  ],
}

async function checkOne({ ports }: WatchScene, ref: string): Promise<Check> {
  const [one] = await check(ports, targets(ref))
  return one ?? assert.fail('no answer')
}

const states = ({ containers }: Check): string[] => containers.map(({ name, state }) => `${name} ${state}`).toSorted()

test('all is current: the digest of both sides is the same and nothing would be done', async () => {
  const scene = await watchScene(both)
  const seen = await checkOne(scene, HERMES)
  assert.deepEqual([seen.would, seen.reason], ['nothing', 'all is current'])
  assert.deepEqual(states(seen), ['ws-1 current', 'ws-2 current'])
  assert.ok(seen.local?.digests.includes(seen.registry?.digest ?? ''))
  assert.equal(seen.credential, 'anonymous')
})

test('a tag that moved: containers are behind, and a refresh would replace them; nothing is touched', async () => {
  const scene = await watchScene(both)
  const digest = scene.publish(HERMES, image('2'))
  const seen = await checkOne(scene, HERMES)
  assert.deepEqual([seen.would, seen.registry?.digest, seen.registry?.platformDigest], ['replace', digest, digest])
  assert.deepEqual(states(seen), ['ws-1 behind', 'ws-2 behind'])
  assert.deepEqual(scene.changes(), [])
})

test('an image that is not there, or that nobody uses and is old, would be pulled', async () => {
  const scene = await watchScene({ images: { [HERMES]: image('1') } })
  scene.publish(HERMES, image('2'))
  scene.publish(CREWAI, image('1'))
  assert.deepEqual((await checkOne(scene, HERMES)).would, 'pull')
  assert.deepEqual((await checkOne(scene, CREWAI)).reason, 'it is not on the engine')
})

test('why a container would be left alone is said, and that alone makes no refresh', async () => {
  const scene = await watchScene({
    ...both,
    containers: [{ name: 'job', Image: HERMES, HostConfig: { AutoRemove: true } }],
  })
  scene.publish(HERMES, image('2'))
  await scene.docker.images.pull(HERMES)
  const seen = await checkOne(scene, HERMES)
  assert.match(seen.containers[0]?.reason ?? '', /--rm/)
  assert.deepEqual([seen.would, seen.reason], ['nothing', 'no container that runs something else may be moved'])
})

test('what was rolled back would not be tried again', async () => {
  const scene = await watchScene(both)
  scene.publish(HERMES, broken('2'))
  await scene.tick()
  const seen = await checkOne(scene, HERMES)
  assert.deepEqual(states(seen), ['ws-1 behind', 'ws-2 behind'])
  assert.match(seen.reason, /rolled back before/)
})

test('a digest is pinned', async () => {
  const scene = await watchScene(both)
  const digest = scene.publish(HERMES, image('2'))
  scene.publish(`${HERMES}@${digest}`, image('2'))
  const seen = await checkOne(scene, `${HERMES}@${digest}`)
  assert.deepEqual([seen.would, seen.reason], ['nothing', 'pinned to a digest'])
})

test('a registry that gives no answer is told with its error, and the engine all the same', async () => {
  const scene = await watchScene(both)
  scene.answer(HERMES, 'CREDENTIALS_REJECTED')
  const seen = await checkOne(scene, HERMES)
  assert.equal(seen.error?.code, 'CREDENTIALS_REJECTED')
  assert.deepEqual([seen.registry, seen.would, seen.reason], [null, 'unknown', 'the registry refused the login'])
  assert.deepEqual(states(seen), ['ws-1 unknown', 'ws-2 unknown'])
})

test('a tag that is gone is said as that, and not as a registry that gives no answer', async () => {
  const scene = await watchScene(both)
  scene.answer(HERMES, 'NOT_FOUND')
  const seen = await checkOne(scene, HERMES)
  assert.equal(seen.reason, 'the registry has no such repository, tag or digest')
})

const only = (architecture: string, variant?: string): ModelImage => ({
  manifests: [{ ...image('2'), architecture, ...(variant === undefined ? {} : { variant }) }],
})

for (const [what, index] of [
  ['linux/386', only('386')],
  ['amd64/v2', only('amd64', 'v2')],
] as const) {
  test(`an index with ${what} only is compared by its own digest, and the engine decides`, async () => {
    const scene = await watchScene(both)
    scene.publish(HERMES, index)
    const seen = await checkOne(scene, HERMES)
    assert.deepEqual(states(seen), ['ws-1 behind', 'ws-2 behind'])
    assert.match(seen.reason, /nothing for linux\/amd64, but names linux\/(?:386|amd64\/v2): the engine decides/)
  })
}

test('an index for another architecture only cannot be told, and names both', async () => {
  const scene = await watchScene(both)
  scene.publish(HERMES, only('s390x'))
  const seen = await checkOne(scene, HERMES)
  assert.equal(seen.would, 'unknown')
  assert.match(seen.reason, /nothing for linux\/amd64, but names linux\/s390x/)
})

test('an index pushed again around the manifest that runs is current, whatever its platform is called', async () => {
  const scene = await watchScene({
    ...both,
    profile: '28-containerd',
    images: { [HERMES]: only('386') },
    containers: [{ name: 'ws-1', Image: HERMES }],
  })
  scene.publish(HERMES, {
    manifests: [...(only('386') as { manifests: ImageSpec[] }).manifests, { ...image('9'), architecture: 's390x' }],
  })
  assert.deepEqual(states(await checkOne(scene, HERMES)), ['ws-1 current'])
})
