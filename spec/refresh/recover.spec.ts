import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Processes } from '../../lib/base/ports.ts'
import { findUnfinished, recover, type Recovered } from '../../lib/refresh/recover.ts'
import { APP, leaveHalfDone, setStage, version, type Reached, type Stage } from '../support/stage.ts'

const ONE = [{ name: 'ws-1', Image: APP, HostConfig: { RestartPolicy: { Name: 'always' } } }]
const states = (state: Awaited<ReturnType<Processes['state']>>): Processes => ({
  self: async () => 'me',
  state: async () => state,
})

const recovered = (stage: Stage, holder: Parameters<typeof states>[0], force = false): Promise<Recovered[]> =>
  recover({ ...stage.ports, gate: { stableFor: 1000 }, processes: states(holder), force })
const brief = (all: readonly Recovered[]): string[] => all.map(({ name, outcome }) => `${name} ${outcome}`)

for (const [holder, lease, force, outcome] of [
  ['alive', 'over', true, 'busy'],
  ['alive', 'over', false, 'busy'],
  ['alive', 'running', true, 'busy'],
  ['alive', 'running', false, 'busy'],
  ['dead', 'over', true, 'rolled-back'],
  ['dead', 'over', false, 'rolled-back'],
  ['dead', 'running', true, 'rolled-back'],
  ['dead', 'running', false, 'rolled-back'],
  ['unknown', 'over', true, 'rolled-back'],
  ['unknown', 'over', false, 'rolled-back'],
  ['unknown', 'running', true, 'rolled-back'],
  ['unknown', 'running', false, 'busy'],
] as const) {
  test(`an operation whose holder is ${holder} and whose lease is ${lease}${force ? ', by force,' : ''} is ${outcome}`, async () => {
    const stage = await setStage({ containers: ONE })
    await leaveHalfDone(stage, 'ws-1', 'parked', { lease: 60 })
    await stage.clock.sleep(lease === 'over' ? 61_000 : 59_000)
    const changed = stage.changes().length
    assert.deepEqual(brief(await recovered(stage, holder, force)), [`ws-1 ${outcome}`])
    if (outcome === 'busy') assert.equal(stage.changes().length, changed, 'nothing is touched')
    else assert.deepEqual(stage.names(), ['ws-1'])
  })
}

test('how long another may still be at it is told in seconds', async () => {
  const stage = await setStage({ containers: ONE })
  await leaveHalfDone(stage, 'ws-1', 'parked', { lease: 60 })
  await stage.clock.sleep(20_000)
  const [one] = await recovered(stage, 'unknown')
  assert.match(one?.reason ?? '', /for 40 s at most/)
})

test('an unfinished operation is found wherever it stopped, and a finished one is not', async () => {
  for (const reached of ['created', 'stopped', 'parked', 'named', 'started'] satisfies Reached[]) {
    const stage = await setStage({ containers: ONE })
    const { marks } = await leaveHalfDone(stage, 'ws-1', reached)
    const found = await findUnfinished(stage.docker)
    assert.deepEqual(
      found.map(({ operation }) => operation.map((member) => member.marks)),
      [[marks]],
      reached,
    )
    await recovered(stage, 'dead')
    assert.deepEqual(await findUnfinished(stage.docker), [], reached)
    assert.deepEqual(await recovered(stage, 'dead'), [], 'a second recovery finds nothing')
  }
})

test('a container without marks, or with marks that cannot be read, is never touched', async () => {
  const stage = await setStage({
    containers: [
      { name: 'ws-1.dockline-next', Image: APP },
      { name: 'ws-2.dockline-next', Image: APP, Labels: { 'dockline.op': 'x', 'dockline.replaces': 'short' } },
      { name: 'ws-3', Image: APP, Labels: { 'dockline.op': 'x' } },
    ],
  })
  const before = stage.changes().length
  assert.deepEqual(await recovered(stage, 'dead', true), [])
  assert.equal(stage.changes().length, before)
})

test('a new container that somebody gave a name of his own is his', async () => {
  const stage = await setStage({ containers: ONE })
  const { successorId } = await leaveHalfDone(stage, 'ws-1', 'created')
  await stage.docker.containers.rename(successorId, 'mine-now')
  assert.deepEqual(await recovered(stage, 'dead', true), [])
  assert.deepEqual(stage.names(), ['mine-now', 'ws-1'])
})

test('where the old container is gone the new one gets the name and is started', async () => {
  const stage = await setStage({ containers: ONE })
  const { marks, successorId } = await leaveHalfDone(stage, 'ws-1', 'stopped')
  await stage.docker.containers.remove(marks.replaces)
  assert.deepEqual(brief(await recovered(stage, 'dead')), ['ws-1 committed'])
  assert.deepEqual([stage.container('ws-1')?.id, stage.container('ws-1')?.status], [successorId, 'running'])
})

test('where the old container is gone a new one that has its name and was never started is started', async () => {
  const stage = await setStage({ containers: ONE })
  const { marks } = await leaveHalfDone(stage, 'ws-1', 'named')
  await stage.docker.containers.remove(marks.replaces)
  assert.deepEqual(brief(await recovered(stage, 'dead')), ['ws-1 committed'])
  assert.equal(stage.container('ws-1')?.status, 'running')
  assert.deepEqual(await recovered(stage, 'dead'), [])
})

test('where the old container did not run a new one that does not either is finished', async () => {
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP, running: false }] })
  const { marks } = await leaveHalfDone(stage, 'ws-1', 'named', { was: 'exited' })
  await stage.docker.containers.remove(marks.replaces)
  assert.deepEqual(await recovered(stage, 'dead'), [])
})

test('a container that was moved before and is being moved again is one operation, not two', async () => {
  for (const reached of ['created', 'stopped', 'parked', 'named', 'started'] satisfies Reached[]) {
    const stage = await setStage({ containers: ONE })
    await leaveHalfDone(stage, 'ws-1', 'started', { op: 'first' })
    assert.deepEqual(brief(await recovered(stage, 'dead')), ['ws-1 committed'])
    await leaveHalfDone(stage, 'ws-1', reached, { op: 'second' })
    const all = await recovered(stage, 'dead')
    assert.deepEqual(
      all.map(({ op }) => op),
      ['second'],
      reached,
    )
    assert.ok(
      all.every(({ outcome }) => outcome === 'committed' || outcome === 'rolled-back'),
      reached,
    )
    assert.deepEqual(stage.names(), ['ws-1'])
  }
})

test('an operation that fails is told with the reason, and the others are ended all the same', async () => {
  const stage = await setStage({ containers: [...ONE, { name: 'ws-2', Image: APP }] })
  await leaveHalfDone(stage, 'ws-1', 'parked')
  await stage.docker.containers.create({ Image: APP }, { name: 'ws-1' })
  await leaveHalfDone(stage, 'ws-2', 'parked')
  const all = await recovered(stage, 'dead')
  assert.deepEqual(brief(all).toSorted(), ['ws-1 failed', 'ws-2 rolled-back'].toSorted())
  const failed = all.find(({ outcome }) => outcome === 'failed')
  assert.equal(failed?.code, 'ROLLBACK_FAILED')
  assert.match(failed?.reason ?? '', /no part in this/)
})

test('a group is ended as one, and each of its containers is told of', async () => {
  const stage = await setStage({
    containers: [
      { name: 'ws-1', Image: APP },
      { name: 'ws-2', Image: APP },
    ],
    images: { [APP]: version(1) },
  })
  await leaveHalfDone(stage, 'ws-1', 'started', { op: 'both', member: 0 })
  await leaveHalfDone(stage, 'ws-2', 'named', { op: 'both', member: 1 })
  assert.deepEqual(brief(await recovered(stage, 'dead')), ['ws-1 rolled-back', 'ws-2 rolled-back'])
  assert.deepEqual(stage.names(), ['ws-1', 'ws-2'])
})
