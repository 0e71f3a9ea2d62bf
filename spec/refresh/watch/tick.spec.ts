import assert from 'node:assert/strict'
import { test } from 'node:test'

import { RefreshError } from '../../../lib/base/errors.ts'
import type { RefreshReport } from '../../../lib/refresh/report.ts'
import { runtimeTarget } from '../../../lib/refresh/target.ts'
import type { ModelImage } from '../../../lib/testing/model/index.ts'
import { imageContent } from '../../../lib/testing/registry/image.ts'
import { CREWAI, HERMES, MINUTE, broken, image, targets, verdicts, watchScene } from '../../support/watching.ts'

const RUNTIMES = [runtimeTarget('hermes', {}), runtimeTarget('crewai', {})]
const both = {
  images: { [HERMES]: image('1'), [CREWAI]: image('1') },
  containers: [
    { name: 'ws-hermes', Image: HERMES },
    { name: 'ws-crewai', Image: CREWAI },
  ],
  targets: RUNTIMES,
}

test('TestTick_FirstObservationSeedsWithoutRefresh, adapted: a first tick that finds all current refreshes nothing', async () => {
  const scene = await watchScene(both)
  assert.deepEqual(verdicts(await scene.tick()), {
    'workspace-template-hermes:latest': 'current',
    'workspace-template-crewai:latest': 'current',
  })
  assert.deepEqual(scene.changes(), [])
})

test('TestTick_NoRefreshWhenDigestUnchanged: three ticks ask once each and change nothing', async () => {
  const scene = await watchScene(both)
  for (let i = 0; i < 3; i++) assert.equal((await scene.tick()).report, undefined)
  assert.deepEqual(scene.changes(), [])
  assert.deepEqual(scene.asked, [HERMES, CREWAI, HERMES, CREWAI, HERMES, CREWAI])
})

test('TestTick_RefreshFiresWhenDigestChanges: one refresh, of the runtime that moved, and then none', async () => {
  const scene = await watchScene(both)
  await scene.tick()
  scene.publish(HERMES, image('2'))
  const { report } = await scene.tick()
  assert.deepEqual([report?.pulled, report?.recreated, report?.failed], [['hermes'], ['ws-hermes'], []])
  assert.deepEqual(scene.versions(), { 'ws-hermes': '2', 'ws-crewai': '1' })
  assert.deepEqual(scene.changes().filter((call) => call === 'POST /images/create').length, 1)
  assert.equal((await scene.tick()).report, undefined)
  assert.deepEqual(scene.changes(), [])
})

test('TestTick_RollsBackSeenDigestOnRefreshError, adapted: nothing is remembered, so a refresh that threw is tried again', async () => {
  let broke = 0
  const scene = await watchScene({
    ...both,
    ports: {
      trigger: async () => {
        broke++
        throw new RefreshError('UNEXPECTED', 'a transient error')
      },
    },
  })
  scene.publish(HERMES, image('2'))
  await assert.rejects(scene.tick(), /a transient error/)
  await assert.rejects(scene.tick(), /a transient error/)
  assert.equal(broke, 2)
})

test('TestTick_DigestFetchErrorSkipsRuntime: the others are checked, and its containers are left alone', async () => {
  const scene = await watchScene(both)
  scene.answer(HERMES, 'REGISTRY_UNAVAILABLE')
  scene.publish(HERMES, image('2'))
  scene.publish(CREWAI, image('2'))
  const tick = await scene.tick()
  assert.deepEqual(verdicts(tick), {
    'workspace-template-hermes:latest': 'unknown',
    'workspace-template-crewai:latest': 'due',
  })
  assert.equal(tick.blind, false)
  assert.deepEqual(scene.versions(), { 'ws-hermes': '1', 'ws-crewai': '2' })
  scene.answer(HERMES, undefined)
  await scene.tick()
  assert.deepEqual(scene.versions(), { 'ws-hermes': '2', 'ws-crewai': '2' })
  assert.equal(scene.lines.filter((line) => line.includes('hermes digest fetch failed')).length, 1)
})

test('W10: a push while the watcher was down is adopted at its first tick', async () => {
  const scene = await watchScene(both)
  scene.publish(HERMES, image('2'))
  assert.deepEqual((await scene.tick()).report?.recreated, ['ws-hermes'])
})

test('an image that was pulled while its container stayed behind is adopted at the first tick', async () => {
  const scene = await watchScene(both)
  scene.publish(HERMES, image('2'))
  await scene.docker.images.pull(HERMES)
  assert.deepEqual((await scene.tick()).report?.recreated, ['ws-hermes'])
})

test('W2: a pull that failed is tried again at the next tick, then ever more rarely, and at last adopted', async () => {
  const scene = await watchScene(both)
  scene.publish(HERMES, image('2'), { fails: 'broken-layer' })
  const pulls: boolean[] = []
  for (let i = 0; i < 8; i++) {
    await scene.tick()
    pulls.push(scene.changes().includes('POST /images/create'))
  }
  assert.deepEqual(pulls, [true, true, false, true, false, false, false, true])
  assert.deepEqual(scene.versions(), { 'ws-hermes': '1', 'ws-crewai': '1' })
  scene.publish(HERMES, image('3'))
  for (let i = 0; i < 8; i++) await scene.tick()
  assert.equal(scene.versions()['ws-hermes'], '3')
})

test('a replacement that the engine would not make is tried again at the next tick', async () => {
  const scene = await watchScene(both)
  scene.publish(HERMES, image('2'))
  scene.engine.faults = ({ method, path }) =>
    method === 'POST' && path.includes('/containers/create') ? { kind: 'before', action: 'error' } : undefined
  const { report } = await scene.tick()
  assert.equal(report?.containers[0]?.outcome, 'failed')
  scene.engine.faults = undefined
  assert.deepEqual((await scene.tick()).report?.recreated, ['ws-hermes'])
})

test('what was rolled back is not tried again, not even by the next watcher, until its tag moves', async () => {
  const scene = await watchScene(both)
  const ids = scene.ids()
  scene.publish(HERMES, broken('2'))
  assert.equal((await scene.tick()).report?.containers[0]?.outcome, 'rolled-back')
  scene.changes()
  for (let i = 0; i < 12; i++)
    assert.equal(verdicts(await scene.tick())['workspace-template-hermes:latest'], 'quarantined')
  assert.deepEqual(scene.changes(), [])
  assert.deepEqual(scene.ids(), ids)
  scene.publish(HERMES, image('3'))
  for (let i = 0; i < 2; i++) await scene.tick()
  assert.equal(scene.versions()['ws-hermes'], '3')
})

const index = (note: string, version: string): ModelImage => ({
  manifests: [{ config: { Cmd: ['/serve'], Labels: { version } } }],
  annotations: { note },
})
for (const profile of ['28', '28-containerd', '29', '29-containerd', 'podman'] as const) {
  test(`W11: an index that is pushed again with the same content restarts nothing on ${profile}`, async () => {
    const scene = await watchScene({ ...both, profile, images: { ...both.images, [HERMES]: index('a', '1') } })
    const ids = scene.ids()
    await scene.tick()
    scene.publish(HERMES, index('b', '1'))
    for (let i = 0; i < 3; i++) await scene.tick()
    assert.deepEqual(scene.ids(), ids)
    assert.ok(scene.changes().length <= 1, 'at most one pull, which finds nothing new')
    scene.publish(HERMES, index('c', '2'))
    await scene.tick()
    assert.equal(scene.versions()['ws-hermes'], '2')
  })
}

test('C31: digests that alternate cause at most one refresh per interval, and none after the first', async () => {
  const scene = await watchScene({ ...both, targets: targets(HERMES) })
  let refreshes = 0
  for (let i = 0; i < 20; i++) {
    scene.publish(HERMES, image(i % 2 === 0 ? '2' : '1'))
    if ((await scene.tick()).report !== undefined) refreshes++
  }
  assert.equal(refreshes, 1)
})

test('C31: a tag that really went back is followed at the second look', async () => {
  const scene = await watchScene({ ...both, targets: targets(HERMES) })
  await scene.tick()
  scene.publish(HERMES, image('2'))
  await scene.tick()
  scene.publish(HERMES, image('1'))
  assert.deepEqual(Object.values(verdicts(await scene.tick())), ['unsettled'])
  assert.equal(scene.versions()['ws-hermes'], '2')
  await scene.tick()
  assert.equal(scene.versions()['ws-hermes'], '1')
})

test('C32: a tag that was deleted keeps its containers and is told once', async () => {
  const scene = await watchScene({ ...both, targets: targets(HERMES) })
  scene.answer(HERMES, 'NOT_FOUND')
  for (let i = 0; i < 5; i++) assert.equal((await scene.tick()).blind, false)
  assert.deepEqual(scene.changes(), [])
  assert.equal(scene.lines.filter((line) => line.includes('NOT_FOUND')).length, 1)
})

test('C33: an index without our platform is neither pulled nor run', async () => {
  const scene = await watchScene({ ...both, targets: targets(HERMES) })
  scene.publish(HERMES, { manifests: [image('2', { architecture: 's390x' })] } as never)
  const [seen] = (await scene.tick()).images
  assert.deepEqual([seen?.verdict, seen?.code], ['unknown', 'NO_PLATFORM'])
  assert.deepEqual(scene.changes(), [])
})

test('an index that the engine may run although it does not say so is due, and the engine decides', async () => {
  const scene = await watchScene({ ...both, targets: targets(HERMES) })
  scene.publish(HERMES, { manifests: [image('2', { architecture: '386' })] } as never)
  const { images, report } = await scene.tick()
  assert.equal(images[0]?.verdict, 'due')
  assert.equal(report?.images[0]?.error?.code, 'NO_PLATFORM')
})

test('an engine that pulls another digest than the registry tells is asked again later, not at each tick', async () => {
  const scene = await watchScene({ ...both, targets: targets(HERMES) })
  scene.publish(HERMES, image('1'))
  scene.answer(HERMES, { digest: `sha256:${'ab'.repeat(32)}` })
  const pulls: number[] = []
  for (let i = 0; i < 4; i++) {
    await scene.tick()
    pulls.push(scene.changes().length)
  }
  assert.deepEqual(pulls, [1, 1, 0, 1])
})

test('while another refresh runs nothing is lost: the next tick asks again', async () => {
  let busy = true
  const asked: string[][] = []
  const scene = await watchScene({
    ...both,
    ports: {
      trigger: async (wanted) => {
        asked.push(wanted.map(({ label }) => label))
        if (busy) throw new RefreshError('BUSY', 'another refresh is running')
        return { images: [], containers: [], pulled: [], failed: [], recreated: [] } as unknown as RefreshReport
      },
    },
  })
  scene.publish(CREWAI, image('2'))
  await scene.tick()
  busy = false
  await scene.tick()
  assert.deepEqual(asked, [['crewai'], ['crewai']])
})

test('an image that nobody uses is kept up to date where it is there, and not fetched where it is not', async () => {
  const scene = await watchScene({ images: { [HERMES]: image('1') }, targets: RUNTIMES })
  scene.publish(HERMES, image('2'))
  const tick = await scene.tick()
  assert.deepEqual(Object.values(verdicts(tick)), ['due', 'absent'])
  assert.deepEqual(scene.asked, [HERMES])
  assert.deepEqual(scene.changes(), ['POST /images/create'])
  assert.deepEqual(Object.values(verdicts(await scene.tick())), ['current', 'absent'])
})

test('a container that must not be moved makes no refresh, again and again', async () => {
  const scene = await watchScene({
    ...both,
    containers: [{ name: 'job', Image: HERMES, HostConfig: { AutoRemove: true } }],
    targets: targets(HERMES),
  })
  const ids = scene.ids()
  scene.publish(HERMES, image('2'))
  for (let i = 0; i < 3; i++) await scene.tick()
  assert.deepEqual(scene.changes(), [])
  assert.deepEqual(scene.ids(), ids)
})

test('a container that refuses to move for those it shares with is asked once, not at each tick', async () => {
  const scene = await watchScene({
    ...both,
    containers: [
      { name: 'lead', Image: HERMES },
      { name: 'side', Image: CREWAI, HostConfig: { NetworkMode: 'container:lead' } },
    ],
    targets: targets(HERMES),
    options: { selection: { names: ['lead'] } },
  })
  scene.publish(HERMES, image('2'))
  await scene.tick()
  scene.changes()
  for (let i = 0; i < 3; i++) await scene.tick()
  assert.deepEqual(scene.changes(), [])
  assert.equal(scene.versions()['lead'], '1')
})

const PINNED = { config: { Cmd: ['/serve'] } }

test('without targets it follows what the selected containers use, each reference once, digests never', async () => {
  const pinned = `ghcr.io/acme/pinned@${imageContent(PINNED).manifest.digest}`
  const scene = await watchScene({
    ...both,
    images: { ...both.images, 'ghcr.io/acme/pinned:1': PINNED },
    containers: [
      ...both.containers,
      { name: 'ws-hermes-2', Image: HERMES },
      { name: 'ws-hermes-pinned', Image: pinned },
      { name: 'other', Image: CREWAI },
    ],
    targets: [],
    options: { selection: { namePrefix: 'ws-hermes' } },
  })
  await scene.tick()
  assert.deepEqual(scene.asked, [HERMES])
})

test('outside of the windows it looks and does not act; inside it does', async () => {
  let open = false
  const scene = await watchScene({
    ...both,
    options: { windows: { isOpen: () => open, untilOpen: () => (open ? 0 : MINUTE) } },
  })
  scene.publish(HERMES, image('2'))
  assert.equal(verdicts(await scene.tick())['workspace-template-hermes:latest'], 'closed')
  assert.deepEqual(scene.changes(), [])
  open = true
  await scene.tick()
  assert.equal(scene.versions()['ws-hermes'], '2')
})

test('a young image waits until it has been out long enough, by what it says itself', async () => {
  const scene = await watchScene({ ...both, options: { minAge: 12 * MINUTE } })
  const made = new Date(scene.clock.now() - 4 * MINUTE).toISOString()
  scene.publish(HERMES, image('2', { created: made }))
  const seen: (string | undefined)[] = []
  for (let i = 0; i < 3; i++) seen.push(verdicts(await scene.tick())['workspace-template-hermes:latest'])
  assert.deepEqual(seen, ['young', 'young', 'due'])
})

test('the age of an image that says 1970, or tomorrow, is counted from when it was first seen', async () => {
  for (const created of ['1970-01-01T00:00:00Z', '2099-01-01T00:00:00Z']) {
    const scene = await watchScene({ ...both, options: { minAge: 9 * MINUTE } })
    scene.publish(HERMES, image('2', { created }))
    const seen: (string | undefined)[] = []
    for (let i = 0; i < 3; i++) seen.push(verdicts(await scene.tick())['workspace-template-hermes:latest'])
    assert.deepEqual(seen, ['young', 'young', 'due'], created)
  }
})

test('the words are those that operators grep for', async () => {
  const scene = await watchScene(both)
  const digest = scene.publish(HERMES, image('2'))
  await scene.tick()
  const [moved, summary, done] = scene.lines
  assert.match(
    moved ?? '',
    /^image-auto-refresh: hermes digest moved sha256:[0-9a-f]{12} → sha256:[0-9a-f]{12}, refreshing$/,
  )
  assert.ok(moved?.includes(`→ ${digest.slice(0, 19)},`))
  assert.equal(summary, 'workspace-images/refresh: pulled=1 failed=0 recreated=1 (no GHCR auth (public images only))')
  assert.equal(done, 'image-auto-refresh: pulled=[hermes] recreated=[ws-hermes] failed=[]')
})
