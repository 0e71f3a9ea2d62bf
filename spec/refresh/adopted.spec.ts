import assert from 'node:assert/strict'
import { test } from 'node:test'

import { objectAt, textAt } from '../../lib/base/json.ts'
import { recover } from '../../lib/refresh/recover.ts'
import { refresh } from '../../lib/refresh/refresh.ts'
import { openOperations } from '../../lib/refresh/unfinished.ts'
import { APP, everything, leaveHalfDone, setStage, version, type Stage } from '../support/stage.ts'

const ALWAYS = { HostConfig: { RestartPolicy: { Name: 'always' } } }
const ONE = { name: 'ws-1', Image: APP, ...ALWAYS }

const policyOf = ({ model }: Stage, name: string): string =>
  textAt(objectAt(objectAt(model.inspect(name), 'HostConfig'), 'RestartPolicy'), 'Name')

test('a container that its user renames during its stop is his, and as it was', async () => {
  const stage = await setStage({
    images: { [APP]: version(1, { behaviour: { stopsAfter: 4000 } }) },
    containers: [ONE],
  })
  const old = stage.container('ws-1')?.id ?? ''
  stage.model.publish(APP, version(2))
  let isRenamed = false
  stage.model.faults = ({ path }) => {
    if (path.endsWith('/stop') && !isRenamed) {
      isRenamed = true
      void stage.docker.containers.rename(old, 'mine')
    }
    return undefined
  }
  const report = await refresh(stage.ports, everything)
  assert.equal(report.containers[0]?.outcome, 'rolled-back')
  assert.match(report.containers[0]?.reason ?? '', /renamed it to mine/)
  assert.deepEqual(stage.names(), ['mine'])
  assert.equal(stage.container('mine')?.id, old)
  assert.equal(stage.container('mine')?.status, 'running')
  assert.equal(policyOf(stage, 'mine'), 'always')
  assert.deepEqual(await recover(stage.ports), [])
})

test('an old container that its user renames during the trial of the new one is not removed', async () => {
  const stage = await setStage({ containers: [ONE] })
  const old = stage.container('ws-1')?.id ?? ''
  stage.model.publish(APP, version(2))
  let isRenamed = false
  stage.model.faults = ({ path }) => {
    if (path.endsWith('/start') && !isRenamed) {
      isRenamed = true
      void stage.docker.containers.rename(old, 'mine')
    }
    return undefined
  }
  const report = await refresh(stage.ports, everything)
  assert.equal(report.containers[0]?.outcome, 'replaced')
  assert.match(report.containers[0]?.warnings.join() ?? '', /renamed the old container to mine/)
  assert.deepEqual(stage.names(), ['mine', 'ws-1'])
})

for (const reached of ['created', 'stopped', 'parked'] as const) {
  test(`what was made for a container that was ${reached}, removed and made anew is dropped`, async () => {
    const stage = await setStage({ containers: [ONE] })
    const { marks } = await leaveHalfDone(stage, 'ws-1', reached)
    await stage.docker.containers.remove(marks.replaces, { force: true })
    const { Id } = await stage.docker.containers.create({ Image: APP, ...ALWAYS }, { name: 'ws-1' })
    await stage.docker.containers.start(Id)
    const [one] = await recover(stage.ports)
    assert.equal(one?.outcome, 'rolled-back', one?.reason)
    assert.match(one?.reason ?? '', /made it anew/)
    assert.deepEqual(stage.names(), ['ws-1'])
    assert.equal(stage.container('ws-1')?.id, Id)
    assert.deepEqual(await recover(stage.ports), [])
  })
}

test('where the old container is parked and its name taken, the commands name what is there', async () => {
  const stage = await setStage({ containers: [ONE] })
  const { marks, successorId } = await leaveHalfDone(stage, 'ws-1', 'parked')
  const { Id } = await stage.docker.containers.create({ Image: APP }, { name: 'ws-1' })
  const [one] = await recover(stage.ports)
  assert.equal(one?.outcome, 'failed')
  const [old, successor, other] = [marks.replaces, successorId, Id].map((id) => id.slice(0, 12))
  assert.match(one?.reason ?? '', new RegExp(`To keep that one: docker rm --force ${successor} ${old}`))
  await stage.docker.containers.rename(other ?? '', 'ws-1-other')
  assert.equal((await recover(stage.ports))[0]?.outcome, 'rolled-back')
  assert.equal(stage.container('ws-1')?.id, marks.replaces)
})

test('a refresh leaves what is unfinished outside of its selection, and tells of it', async () => {
  const stage = await setStage({ containers: [ONE, { ...ONE, name: 'other-1' }] })
  await leaveHalfDone(stage, 'other-1', 'parked')
  const before = stage.changes().length
  const report = await refresh(stage.ports, { ...everything, selection: { namePrefix: 'ws-' } })
  const [one, ...more] = report.recovered
  assert.deepEqual(more, [])
  assert.equal(one?.outcome, 'left')
  assert.match(one?.reason ?? '', /"dockline recover --name other-1"/)
  assert.deepEqual(
    stage
      .changes()
      .slice(before)
      .filter((change) => !change.includes('/images/')),
    [],
  )
  const open = await openOperations(stage.ports, { namePrefix: 'ws-' })
  assert.deepEqual(
    open.map(({ names, selected }) => [names, selected]),
    [[['other-1'], false]],
  )
  assert.equal((await recover(stage.ports))[0]?.outcome, 'rolled-back')
})

test('what a replacement has made or parked is no line of a report or plan', async () => {
  const stage = await setStage({ containers: [ONE, { ...ONE, name: 'ws-2' }] })
  await leaveHalfDone(stage, 'ws-1', 'parked')
  for (const dryRun of [true, false]) {
    const processes = { self: async () => 'me', state: async () => 'alive' as const }
    const report = await refresh({ ...stage.ports, processes }, { ...everything, dryRun })
    assert.deepEqual(
      report.containers.map(({ name }) => name),
      ['ws-2'],
    )
  }
})
