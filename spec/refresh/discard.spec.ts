import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { RefreshEngine } from '../../lib/refresh/container.ts'
import { discard } from '../../lib/refresh/discard.ts'
import { marksToLabels, nextName, type Marks } from '../../lib/refresh/marks.ts'
import { recover, type Recovered } from '../../lib/refresh/recover.ts'
import { replace } from '../../lib/refresh/replace.ts'
import type { Replacement } from '../../lib/refresh/replacement.ts'
import { whileUnderWay } from '../../lib/refresh/under-way.ts'
import { APP, leaveHalfDone, setStage, version, withCalls, type Reached, type Stage } from '../support/stage.ts'

const ONE = [{ name: 'ws-1', Image: APP, HostConfig: { RestartPolicy: { Name: 'always' } } }]

/** Replaces ws-1 as one who found it as it was before the others came. */
async function second(stage: Stage, engine: RefreshEngine = stage.docker): Promise<Replacement> {
  stage.model.publish(APP, version(2))
  const { id: imageId } = await stage.docker.images.pull(APP)
  const wish = { id: stage.container('ws-1')?.id ?? '', name: 'ws-1', imageId }
  const [replacement] = await replace({ ...stage.ports, engine, gate: { stableFor: 1000 }, holder: 'me' }, [wish])
  return replacement as Replacement
}

/** The engine, on which another process comes so far just before the first create. */
function overtaken(stage: Stage, overtake: () => Promise<unknown>): RefreshEngine {
  const { containers } = stage.docker
  let done = false
  return withCalls(stage, {
    createRaw: async (...given: Parameters<typeof containers.createRaw>) => {
      if (!done) {
        done = true
        await overtake()
      }
      return containers.createRaw(...given)
    },
  })
}

const snapshot = (stage: Stage): string[] =>
  stage.model.containers().map(({ name, id, status }) => `${name} ${id} ${status}`)

for (const reached of ['created', 'parked', 'named', 'started'] satisfies Reached[]) {
  test(`who finds a container that another process is replacing (${reached}) touches nothing`, async () => {
    const stage = await setStage({ containers: ONE })
    const before = { id: stage.container('ws-1')?.id ?? '', name: 'ws-1' }
    await leaveHalfDone(stage, 'ws-1', reached)
    const world = snapshot(stage)
    const context = { ...stage.ports, gate: { stableFor: 1000 }, holder: 'me' }
    const [replacement] = await replace(context, [{ ...before, imageId: 'sha256:other' }])
    assert.equal(replacement?.outcome, 'skipped')
    assert.deepEqual(snapshot(stage), world)
  })
}

for (const reached of ['named', 'started'] satisfies Reached[]) {
  test(`who is overtaken by another process (${reached}) takes back only what it made`, async () => {
    const stage = await setStage({ containers: ONE })
    let world: string[] = []
    const replacement = await second(
      stage,
      overtaken(stage, async () => {
        await leaveHalfDone(stage, 'ws-1', reached)
        world = snapshot(stage)
      }),
    )
    assert.deepEqual([replacement.outcome, replacement.code], ['skipped', 'BUSY'])
    assert.deepEqual(snapshot(stage), world)
  })
}

test('who comes when another process has come to its end takes back only what it made', async () => {
  const stage = await setStage({ containers: ONE })
  const engine = overtaken(stage, async () => {
    const { marks } = await leaveHalfDone(stage, 'ws-1', 'started')
    await stage.docker.containers.remove(marks.replaces)
  })
  const replacement = await second(stage, engine)
  assert.deepEqual([replacement.outcome, replacement.code], ['skipped', 'BUSY'])
  assert.deepEqual(stage.names(), ['ws-1'])
})

/** Leaves what a process made that was overtaken and died. */
async function leaveBehind(stage: Stage, { replaces, ...marks }: Marks): Promise<void> {
  const labels = marksToLabels({ ...marks, replaces, op: 'op-of-second', holder: 'gone' })
  await stage.clock.sleep(1000)
  await stage.docker.containers.create({ Image: APP, Labels: labels }, { name: nextName('ws-1') })
}

const recovered = (stage: Stage): Promise<Recovered[]> =>
  recover({ ...stage.ports, gate: { stableFor: 1000 }, force: true })

test('what an overtaken process left is removed, and the operation of the other, which lives, not touched', async () => {
  const stage = await setStage({ containers: ONE })
  const { marks } = await leaveHalfDone(stage, 'ws-1', 'named', { holder: 'me' })
  const world = snapshot(stage)
  await leaveBehind(stage, marks)
  assert.deepEqual(
    (await whileUnderWay('me', marks.op, () => recovered(stage)))
      .map(({ op, outcome }) => `${op} ${outcome}`)
      .toSorted((a, b) => (a < b ? -1 : 1)),
    ['op-of-second rolled-back', 'op-of-ws-1 busy'],
  )
  assert.deepEqual(snapshot(stage), world)
})

test('what an overtaken process left is removed when the other has come to its end', async () => {
  const stage = await setStage({ containers: ONE })
  const { marks, successorId } = await leaveHalfDone(stage, 'ws-1', 'started')
  await leaveBehind(stage, marks)
  await stage.docker.containers.remove(marks.replaces)
  assert.deepEqual(
    (await recovered(stage)).map(({ outcome }) => outcome),
    ['rolled-back'],
  )
  assert.deepEqual(stage.names(), ['ws-1'])
  assert.equal(stage.container('ws-1')?.id, successorId)
  assert.deepEqual(await recovered(stage), [])
})

test('both are brought to their end when both are dead', async () => {
  const stage = await setStage({ containers: ONE })
  const old = stage.container('ws-1')?.id
  const { marks } = await leaveHalfDone(stage, 'ws-1', 'named')
  await leaveBehind(stage, marks)
  assert.deepEqual(
    (await recovered(stage)).map(({ outcome }) => outcome),
    ['rolled-back', 'rolled-back'],
  )
  assert.deepEqual(stage.names(), ['ws-1'])
  assert.equal(stage.container('ws-1')?.id, old)
  assert.equal(stage.container('ws-1')?.status, 'running')
})

test('discarding is tried again when it fails, and ends when there is nothing left', async () => {
  const stage = await setStage({ containers: ONE })
  const { marks, successorId } = await leaveHalfDone(stage, 'ws-1', 'created')
  let failures = 2
  const { containers } = stage.docker
  const engine = withCalls(stage, {
    remove: (id: string) => (failures-- > 0 ? Promise.reject(new Error('not now')) : containers.remove(id)),
  })
  await discard({ engine, clock: stage.clock }, [{ marks, successorId }])
  await discard({ engine, clock: stage.clock }, [{ marks, successorId }])
  assert.deepEqual(stage.names(), ['ws-1'])
})
