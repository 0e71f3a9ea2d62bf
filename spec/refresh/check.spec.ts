import assert from 'node:assert/strict'
import { test } from 'node:test'

import { check, type Check } from '../../lib/refresh/check.ts'
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
  assert.deepEqual([seen.registry, seen.would], [null, 'nothing'])
  assert.deepEqual(states(seen), ['ws-1 unknown', 'ws-2 unknown'])
})
