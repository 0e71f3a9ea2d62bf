// Old images that nothing uses: known on every image store, also where an image without a tag has no digest any more.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { refresh, type RefreshOptions } from '../../lib/refresh/refresh.ts'
import type { RefreshReport } from '../../lib/refresh/report.ts'
import { APP, everything, setStage, version, type Stage } from '../support/stage.ts'

const OTHER = 'registry.example.org/acme/other:latest'
const PROFILES = ['20.10', '28', '28-containerd', 'podman-4', 'podman'] as const

const release = (n: number, extra = {}) => version(n, { created: `2026-01-0${n}T00:00:00Z`, ...extra })
const run = (stage: Stage, options: Partial<RefreshOptions> = {}): Promise<RefreshReport> =>
  refresh(stage.ports, { ...everything, ...options })
/** Versions of the images that are there. */
const versions = async ({ docker }: Stage): Promise<string[]> => {
  const images = await docker.images.list()
  const all = await Promise.all(images.map(({ Id }) => docker.images.inspect(Id)))
  return all.flatMap(({ Config }) => Config?.Env.filter((entry) => entry.startsWith('VERSION=')) ?? []).toSorted()
}

for (const profile of PROFILES) {
  const started = (): Promise<Stage> =>
    setStage({ profile, images: { [APP]: release(1) }, containers: [{ name: 'ws-1', Image: APP }] })

  test(`an image that lost its tag and its containers is known without a digest (${profile})`, async () => {
    const stage = await started()
    stage.model.publish(APP, release(2))
    const { cleaned } = await run(stage, { cleanup: { keep: 0 } })
    assert.equal(cleaned.length, 1)
    assert.deepEqual(await versions(stage), ['VERSION=2'])
  })

  test(`the newest are kept over several refreshes, and no more of them (${profile})`, async () => {
    const stage = await started()
    for (const n of [2, 3, 4, 5]) {
      stage.model.publish(APP, release(n))
      await run(stage, { cleanup: { keep: 2 } })
    }
    assert.deepEqual(await versions(stage), ['VERSION=3', 'VERSION=4', 'VERSION=5'])
  })

  test(`images that refreshes without --cleanup left are found by the marks (${profile})`, async () => {
    const stage = await started()
    for (const n of [2, 3, 4]) {
      stage.model.publish(APP, release(n))
      await run(stage)
    }
    const { cleaned } = await run(stage, { cleanup: { keep: 1 } })
    assert.equal(cleaned.length, 2)
    assert.deepEqual(await versions(stage), ['VERSION=3', 'VERSION=4'])
  })

  test(`an image that was rolled back goes once its tag has moved on (${profile})`, async () => {
    const stage = await started()
    stage.model.publish(APP, release(2, { behaviour: { process: { exits: 1, after: 100 } } }))
    await run(stage)
    stage.model.publish(APP, release(3))
    await run(stage, { cleanup: { keep: 0 } })
    assert.deepEqual(await versions(stage), ['VERSION=3'])
  })

  test(`images of another repository, and one that is used, stay (${profile})`, async () => {
    const images = { [APP]: release(1), [OTHER]: release(6) }
    const containers = [
      { name: 'ws-1', Image: APP },
      { name: 'ws-2', Image: APP },
      { name: 'other', Image: OTHER },
    ]
    const stage = await setStage({ profile, images, containers })
    stage.model.publish(APP, release(2))
    stage.model.publish(OTHER, release(7))
    await run(stage, { selection: { names: ['other'] } })
    const { cleaned } = await run(stage, { selection: { names: ['ws-1'] }, cleanup: { keep: 0 } })
    assert.deepEqual(cleaned, [])
    assert.deepEqual(await versions(stage), ['VERSION=1', 'VERSION=2', 'VERSION=6', 'VERSION=7'])
  })
}
