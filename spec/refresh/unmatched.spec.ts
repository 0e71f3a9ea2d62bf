import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasFailures, type RefreshReport } from '../../lib/refresh/report.ts'
import { refresh } from '../../lib/refresh/refresh.ts'
import type { Selection } from '../../lib/refresh/selection.ts'
import { APP, everything, setStage } from '../support/stage.ts'

async function refreshed(selection: Selection, dryRun = false): Promise<RefreshReport> {
  const { ports } = await setStage({ containers: [{ name: 'ws-1', Image: APP, Labels: { tier: 'web' } }] })
  return refresh(ports, { ...everything, selection, dryRun })
}

const lines = ({ containers }: RefreshReport): string[] =>
  containers.map(({ name, outcome, reason }) => `${name} ${outcome}${reason === undefined ? '' : `: ${reason}`}`)

for (const dryRun of [false, true]) {
  test(`a name that nothing bears is a failure that names it${dryRun ? ', in a plan too' : ''}`, async () => {
    const report = await refreshed({ names: ['nobody'] }, dryRun)
    assert.deepEqual(lines(report), ['nobody failed: no container of the engine has this name'])
    assert.equal(hasFailures(report), true)
    assert.equal(report.matched, 0)
  })
}

test('beside names that are there it is a failure too, and they are refreshed', async () => {
  const report = await refreshed({ names: ['ws-1', 'nobody'] })
  assert.deepEqual(lines(report), ['ws-1 current', 'nobody failed: no container of the engine has this name'])
  assert.equal(report.matched, 1)
})

test('a name that another condition rules out is said as that', async () => {
  const report = await refreshed({ names: ['ws-1'], labels: ['tier=db'] })
  assert.deepEqual(lines(report), [
    'ws-1 failed: it is not selected: the other conditions of the selection do not hold for it',
  ])
})

for (const selection of [{ namePrefix: 'a-' }, { labels: ['tier=db'] }]) {
  test(`${JSON.stringify(selection)} that matches nothing is told as matched: 0, and is no failure`, async () => {
    const report = await refreshed(selection)
    assert.deepEqual([report.matched, report.containers, hasFailures(report)], [0, [], false])
  })
}
