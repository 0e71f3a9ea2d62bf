import assert from 'node:assert/strict'
import { test } from 'node:test'

import { refresh } from '../../lib/refresh/refresh.ts'
import { hasFailures, type RefreshReport } from '../../lib/refresh/report.ts'
import type { ImageSpec } from '../../lib/testing/registry/image.ts'
import { HERMES, image, targets, watchScene, type WatchScene } from '../support/watching.ts'

const scene = (profile: '28' | '28-containerd' = '28') =>
  watchScene({
    profile,
    images: { [HERMES]: image('1') },
    containers: [
      { name: 'ws-1', Image: HERMES },
      { name: 'ws-2', Image: HERMES, HostConfig: { AutoRemove: true } },
    ],
  })

const plan = ({ ports }: WatchScene, remote = true): Promise<RefreshReport> =>
  refresh(remote ? { ...ports, remote: ports.registry } : ports, {
    targets: targets(HERMES),
    selection: { all: true },
    dryRun: true,
  })

const outcomes = ({ containers }: RefreshReport): string[] =>
  containers.map(({ name, outcome }) => `${name} ${outcome}`).toSorted()

test('a plan knows what the registry has: the image would be pulled and its containers moved', async () => {
  const made = await scene()
  const digest = made.publish(HERMES, image('2'))
  const report = await plan(made)
  const [seen] = report.images
  assert.deepEqual([seen?.outcome, seen?.after, seen?.digest], ['updated', null, digest])
  assert.deepEqual(outcomes(report), ['ws-1 replaced', 'ws-2 skipped'])
  assert.deepEqual(report.recreated, [])
  assert.deepEqual(made.changes(), [])
})

test('what the registry has already runs: the plan says current', async () => {
  const report = await plan(await scene())
  assert.equal(report.images[0]?.outcome, 'current')
  assert.deepEqual(outcomes(report), ['ws-1 current', 'ws-2 current'])
})

test('without a registry to ask, the engine alone counts', async () => {
  const made = await scene()
  made.publish(HERMES, image('2'))
  assert.equal((await plan(made, false)).images[0]?.outcome, 'current')
  assert.deepEqual(made.asked, [])
})

for (const code of [
  'REGISTRY_UNAVAILABLE',
  'CREDENTIALS_REJECTED',
  'CREDENTIALS_MISSING',
  'NOT_FOUND',
  'TLS',
] as const) {
  test(`a registry that says ${code} leaves its image and containers unknown, never current`, async () => {
    const made = await scene()
    made.answer(HERMES, code)
    const report = await plan(made)
    const [seen] = report.images
    assert.deepEqual([seen?.outcome, seen?.error?.code, seen?.after], ['unknown', code, null])
    assert.deepEqual(outcomes(report), ['ws-1 unknown', 'ws-2 unknown'])
    assert.match(report.containers[0]?.reason ?? '', new RegExp(`cannot be told: the registry says ${code}`))
    assert.equal(hasFailures(report), true)
  })
}

for (const [what, architecture] of [
  ['another architecture', 's390x'],
  ['what only some engines take', '386'],
] as const) {
  test(`an index with ${what} is unknown, and names the platforms`, async () => {
    const made = await scene()
    made.publish(HERMES, { manifests: [{ ...(image('2') as ImageSpec), architecture }] })
    const report = await plan(made)
    const [seen] = report.images
    assert.deepEqual([seen?.outcome, seen?.error?.code], ['unknown', 'NO_PLATFORM'])
    assert.match(seen?.error?.message ?? '', new RegExp(`nothing for linux/amd64, but names linux/${architecture}`))
    assert.equal(hasFailures(report), true)
  })
}

test('an index that was pushed again with the same content would be pulled, and would move nothing', async () => {
  const made = await scene('28-containerd')
  made.publish(HERMES, { manifests: [{ config: { Cmd: ['/serve'], Labels: { version: '1' } } }] })
  const report = await plan(made)
  assert.equal(report.images[0]?.outcome, 'updated')
  assert.deepEqual(outcomes(report), ['ws-1 current', 'ws-2 current'])
})
