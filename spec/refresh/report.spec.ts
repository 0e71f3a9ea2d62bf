import assert from 'node:assert/strict'
import { test } from 'node:test'

import { refresh } from '../../lib/refresh/refresh.ts'
import { hasFailures, type ContainerReport, type RefreshReport } from '../../lib/refresh/report.ts'
import { APP, everything, setStage, version } from '../support/stage.ts'

const report = (container: Partial<ContainerReport>): RefreshReport => ({
  pulled: [],
  failed: [],
  recreated: [],
  images: [],
  containers: [{ name: 'ws-1', id: 'x', image: APP, outcome: 'skipped', warnings: [], ...container }],
  matched: 1,
  recovered: [],
  cleaned: [],
  warnings: [],
  dryRun: false,
  interrupted: false,
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 0,
})

for (const [what, container, fails] of [
  ['current', { outcome: 'current' }, false],
  ['replaced', { outcome: 'replaced' }, false],
  ['rolled back', { outcome: 'rolled-back' }, true],
  ['failed', { outcome: 'failed' }, true],
  ['unknown', { outcome: 'unknown' }, true],
  ['skipped because it was rolled back before', { reason: 'rolled back before; --retry' }, true],
  ['skipped because it is refused', { reason: 'it has --rm' }, true],
  ['skipped because it is pinned', { reason: 'pinned to a digest' }, false],
  ['handed over to a helper', { reason: 'handed over', helperId: 'y' }, false],
  ['in a plan, to be handed over', { reason: 'would be handed over to a helper' }, false],
] as const) {
  test(`a container that is ${what} is ${fails ? 'a' : 'no'} failure`, () => {
    assert.equal(hasFailures(report(container)), fails)
  })
}

test('a second run after a roll back is no success, and says --retry', async () => {
  const { model, ports } = await setStage({ containers: [{ name: 'ws-1', Image: APP }] })
  model.publish(APP, version(2, { behaviour: { process: { exits: 3 } } }))
  const first = await refresh(ports, everything)
  const second = await refresh(ports, everything)
  assert.deepEqual(
    [first, second].map(({ containers }) => containers[0]?.outcome),
    ['rolled-back', 'skipped'],
  )
  assert.match(second.containers[0]?.reason ?? '', /rolled back before.*--retry/)
  assert.equal(hasFailures(second), true)
})
