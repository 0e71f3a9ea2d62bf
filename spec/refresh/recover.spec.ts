import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Processes } from '../../lib/base/ports.ts'
import { recover, type Recovered } from '../../lib/refresh/recover.ts'
import { refresh } from '../../lib/refresh/refresh.ts'
import { findUnfinished } from '../../lib/refresh/unfinished.ts'
import { APP, everything, leaveHalfDone, setStage, version, type Reached, type Stage } from '../support/stage.ts'

const ALWAYS = { Name: 'always', MaximumRetryCount: 0 }
const ONE = [{ name: 'ws-1', Image: APP, HostConfig: { RestartPolicy: ALWAYS } }]
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

for (const [reached, end, names, is] of [
  ['stopped', 'rolled-back', ['mine-now', 'ws-1'], 'the old one is brought back'],
  ['parked', 'rolled-back', ['mine-now', 'ws-1'], 'the old one is brought back'],
  ['named', 'rolled-back', ['mine-now', 'ws-1'], 'the old one is brought back'],
  ['started', 'committed', ['mine-now'], 'it has taken its place'],
] as const) {
  test(`of a new container that was ${reached} and then got a name of somebody's own: ${is}`, async () => {
    const stage = await setStage({ containers: ONE })
    const { marks, successorId } = await leaveHalfDone(stage, 'ws-1', reached)
    await stage.docker.containers.rename(successorId, 'mine-now')
    assert.deepEqual(brief(await recovered(stage, 'dead')), [`ws-1 ${end}`])
    assert.deepEqual(stage.names(), names)
    assert.equal(stage.container('mine-now')?.id, successorId)
    if (end === 'rolled-back') assertWhole(stage, marks.replaces)
    assert.deepEqual(await recovered(stage, 'dead', true), [], 'a second recovery finds nothing')
  })
}

test("a new container with a name of somebody's own that does not prove itself is stopped and left to him", async () => {
  const release = version(2, { behaviour: { process: { exits: 3 } } })
  const stage = await setStage({ containers: ONE })
  stage.model.publish('ghcr.io/acme/app:2', release)
  await stage.docker.images.pull('ghcr.io/acme/app:2')
  const body = { Image: 'ghcr.io/acme/app:2', HostConfig: { RestartPolicy: { Name: 'always' } } }
  const { marks, successorId } = await leaveHalfDone(stage, 'ws-1', 'started', { body })
  await stage.docker.containers.rename(successorId, 'mine-now')
  assert.deepEqual(brief(await recovered(stage, 'dead')), ['ws-1 rolled-back'])
  assert.deepEqual(stage.names(), ['mine-now', 'ws-1'])
  assert.equal(stage.container('mine-now')?.status, 'exited')
  assertWhole(stage, marks.replaces)
})

function assertWhole(stage: Stage, id: string): void {
  const old = stage.container('ws-1')
  assert.deepEqual([old?.id, old?.status], [id, 'running'])
  const { RestartPolicy } = stage.model.inspect('ws-1')['HostConfig'] as { RestartPolicy: { Name: string } }
  assert.equal(RestartPolicy.Name, 'always')
}

test('somebody who has put both containers where he wants them is not corrected', async () => {
  const stage = await setStage({ containers: ONE })
  const { marks, successorId } = await leaveHalfDone(stage, 'ws-1', 'started')
  await stage.docker.containers.rename(successorId, 'ws-1-new')
  await stage.docker.containers.rename(marks.replaces, 'ws-1')
  const before = stage.changes().length
  assert.deepEqual(await recovered(stage, 'dead', true), [])
  assert.equal(stage.changes().length, before)
})

test('an old container that somebody keeps under a name of his own is not removed', async () => {
  const stage = await setStage({ containers: ONE })
  const { marks } = await leaveHalfDone(stage, 'ws-1', 'started')
  await stage.docker.containers.rename(marks.replaces, 'ws-1-kept')
  assert.deepEqual(await recovered(stage, 'dead', true), [])
  assert.deepEqual(stage.names(), ['ws-1', 'ws-1-kept'])
})

test('a new container that somebody took for himself does not stand in the way of the next replacement', async () => {
  const stage = await setStage({ containers: ONE })
  const { marks, successorId } = await leaveHalfDone(stage, 'ws-1', 'parked')
  await stage.docker.containers.rename(successorId, 'mine-now')
  stage.model.publish(APP, version(2))
  const { recovered: ended, containers } = await refresh(
    { ...stage.ports, processes: states('dead') },
    { ...everything, selection: { names: ['ws-1'] } },
  )
  assert.deepEqual(brief(ended), ['ws-1 rolled-back'])
  assert.deepEqual(
    containers.map(({ name, id, outcome }) => [name, id, outcome]),
    [['ws-1', marks.replaces, 'replaced']],
  )
  assert.deepEqual(stage.names(), ['mine-now', 'ws-1'])
})

test('one that was taken is no reason to leave the next replacement of the same container where it died', async () => {
  const stage = await setStage({ containers: ONE })
  const first = await leaveHalfDone(stage, 'ws-1', 'created', { op: 'first' })
  await stage.docker.containers.rename(first.successorId, 'mine-now')
  await stage.clock.sleep(1000)
  const { marks } = await leaveHalfDone(stage, 'ws-1', 'parked', { op: 'second', restart: ALWAYS })
  assert.deepEqual(
    (await recovered(stage, 'dead')).map(({ op, outcome }) => [op, outcome]),
    [['second', 'rolled-back']],
  )
  assert.deepEqual(stage.names(), ['mine-now', 'ws-1'])
  assertWhole(stage, marks.replaces)
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
