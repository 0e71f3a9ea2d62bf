import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ApiError, hasCode, messageOf } from '../../lib/base/errors.ts'
import { objectAt } from '../../lib/base/json.ts'
import type { Processes } from '../../lib/base/ports.ts'
import { recover } from '../../lib/refresh/recover.ts'
import { isArmed, memberOf, settle, type Member } from '../../lib/refresh/settle.ts'
import { ID, seen } from '../support/container.ts'
import { APP, leaveHalfDone, setStage, version, withCalls, type Reached, type Stage } from '../support/stage.ts'

const ONE = [{ name: 'ws-1', Image: APP, HostConfig: { RestartPolicy: { Name: 'always' } } }]
const REACHED: readonly Reached[] = ['created', 'stopped', 'parked', 'named', 'started']

const NOBODY: Processes = { self: async () => 'me', state: async () => 'dead' }

const contextOf = ({ docker, clock }: Stage, steps: string[] = []) => ({
  engine: docker,
  clock,
  gate: { stableFor: 1000 },
  onStep: (step: string) => void steps.push(step),
})

for (const reached of REACHED) {
  test(`rolled back from "${reached}" the old container is as it was and the new one is gone`, async () => {
    const stage = await setStage({ containers: ONE })
    const old = stage.container('ws-1')?.id
    const operation = [await leaveHalfDone(stage, 'ws-1', reached)]
    assert.equal(await settle(contextOf(stage), operation, 'roll back'), 'rolled-back')
    assert.deepEqual(stage.names(), ['ws-1'])
    const { Id, State, HostConfig } = await stage.docker.containers.inspect('ws-1')
    assert.deepEqual([Id, State.Status, HostConfig.RestartPolicy.Name], [old, 'running', 'always'])
  })
}

test('left to decide, what runs under its name and is stable is committed, anything before is rolled back', async () => {
  for (const reached of REACHED) {
    const stage = await setStage({ containers: ONE })
    const operation = [await leaveHalfDone(stage, 'ws-1', reached)]
    const settled = await settle(contextOf(stage), operation, 'decide')
    assert.equal(settled, reached === 'started' ? 'committed' : 'rolled-back', reached)
    assert.deepEqual(stage.names(), ['ws-1'], reached)
    assert.equal(stage.container('ws-1')?.status, 'running', reached)
  }
})

test('a restart of the engine in the middle of a roll back does not bring the rejected one back beside the old', async () => {
  const stage = await setStage({ containers: ONE })
  const { successorId, marks } = await leaveHalfDone(stage, 'ws-1', 'started', {
    body: { HostConfig: { RestartPolicy: { Name: 'always' } } },
  })
  const running: number[] = []
  const onStep = (): void => {
    stage.model.restart()
    running.push(stage.model.containers().filter(({ status }) => status === 'running').length)
  }
  await settle({ ...contextOf(stage), onStep }, [{ successorId, marks }], 'roll back')
  assert.deepEqual(Math.max(...running), 1)
  assert.equal(stage.container('ws-1')?.id, marks.replaces)
})

test('an engine that cannot change a policy (podman 4) is rolled back without', async () => {
  const stage = await setStage({ containers: ONE })
  const { successorId, marks } = await leaveHalfDone(stage, 'ws-1', 'started', {
    body: { HostConfig: { RestartPolicy: { Name: 'always' } } },
  })
  await stage.docker.containers.update(marks.replaces, { RestartPolicy: marks.restart })
  const update = async (): Promise<never> => {
    throw new ApiError('NOT_FOUND', 'the engine has no such call')
  }
  const context = { ...contextOf(stage), engine: withCalls(stage, { update }) }
  assert.equal(await settle(context, [{ successorId, marks }], 'roll back'), 'rolled-back')
  assert.deepEqual(stage.names(), ['ws-1'])
  assert.equal(stage.container('ws-1')?.id, marks.replaces)
})

test('a settled operation is settled: again nothing is changed', async () => {
  const stage = await setStage({ containers: ONE })
  const operation = [await leaveHalfDone(stage, 'ws-1', 'started')]
  await settle(contextOf(stage), operation, 'decide')
  const before = stage.changes().length
  assert.equal(await settle(contextOf(stage), operation, 'decide'), 'committed')
  assert.equal(stage.changes().length, before)
})

test('a new container that is unhealthy is rolled back, although docker calls the stopped old one unhealthy too', async () => {
  const Healthcheck = { Test: ['CMD', '/check'], Interval: 1e9, Timeout: 1e9, Retries: 1 }
  const stage = await setStage({
    images: {
      [APP]: version(1, { config: { Healthcheck } }),
      'ghcr.io/acme/app:sick': version(2, { config: { Healthcheck }, behaviour: { health: 'unhealthy' } }),
    },
    containers: [{ name: 'ws-1', Image: APP }],
  })
  const operation = [await leaveHalfDone(stage, 'ws-1', 'started', { body: { Image: 'ghcr.io/acme/app:sick' } })]
  const { containers } = stage.docker
  const engine = withCalls(stage, {
    inspectRaw: async (id: string) => {
      const raw = await containers.inspectRaw(id)
      const State = objectAt(raw, 'State')
      if (State['Status'] === 'exited') objectAt(State, 'Health')['Status'] = 'unhealthy'
      return raw
    },
  })
  assert.equal(await settle({ ...contextOf(stage), engine }, operation, 'decide'), 'rolled-back')
  assert.deepEqual(stage.names(), ['ws-1'])
})

test('a container that loops as the old one did is committed', async () => {
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP }] })
  stage.model.publish(APP, version(2, { behaviour: { process: { exits: 1 } } }))
  await stage.docker.images.pull(APP)
  const body = { Image: APP, HostConfig: { RestartPolicy: { Name: 'always' } } }
  const looping = [await leaveHalfDone(stage, 'ws-1', 'started', { was: 'restarting', body })]
  assert.equal(await settle(contextOf(stage), looping, 'decide'), 'committed')
})

test('a reply that is lost is not taken for a failure: the next look tells', async () => {
  for (const kind of ['before', 'after'] as const) {
    const stage = await setStage({ containers: ONE })
    const operation = [await leaveHalfDone(stage, 'ws-1', 'started')]
    const lost = new Set<string>()
    stage.model.faults = ({ method, path }) => {
      if (method === 'GET' || lost.has(method + path)) return undefined
      lost.add(method + path)
      return { kind, action: 'lose' }
    }
    assert.equal(await settle(contextOf(stage), operation, 'roll back'), 'rolled-back', kind)
    assert.deepEqual(stage.names(), ['ws-1'])
  }
})

test('where a step keeps failing the error tells what is left and the commands that mend it, and nothing was removed', async () => {
  const stage = await setStage({ containers: ONE })
  const member = await leaveHalfDone(stage, 'ws-1', 'parked')
  stage.model.faults = ({ path }) => (path.endsWith('/rename') ? { kind: 'before', action: 'error' } : undefined)
  await assert.rejects(settle(contextOf(stage), [member], 'roll back'), (error: Error) => {
    assert.ok(hasCode(error, 'ROLLBACK_FAILED'))
    assert.match(error.message, /name-old/)
    assert.match(error.message, /dockline recover/)
    assert.match(error.message, new RegExp(`docker rename ${member.marks.replaces.slice(0, 12)} ws-1`))
    assert.deepEqual(error.facts, { name: 'ws-1', old: member.marks.replaces, successor: member.successorId })
    return true
  })
  assert.equal(stage.names().length, 2)
})

test('what is told of a group names all of it, and the command that it gives ends it', async () => {
  for (const answers of [true, false]) {
    const stage = await setStage({ containers: ['ws-1', 'ws-2'].map((name) => ({ ...ONE[0], name, Image: APP })) })
    const operation: Member[] = []
    for (const [member, name] of ['ws-1', 'ws-2'].entries())
      operation.push(await leaveHalfDone(stage, name, 'parked', { op: 'one', member }))
    stage.model.faults = ({ path }) =>
      !answers || path.endsWith('/rename') ? { kind: 'before', action: answers ? 'error' : 'lose' } : undefined
    const error: unknown = await settle(contextOf(stage), operation, 'roll back').catch((error: unknown) => error)
    const message = messageOf(error)
    const [, names] = /"dockline recover((?: --name [\w-]+)+)"/.exec(message) ?? []
    assert.deepEqual(names?.split(' --name ').slice(1), ['ws-1', 'ws-2'], message)
    for (const { marks } of operation) assert.ok(message.includes(marks.replaces.slice(0, 12)), message)
    stage.model.faults = undefined
    const recovered = await recover({
      ...contextOf(stage),
      processes: NOBODY,
      selection: { names: names?.split(' --name ').slice(1) ?? [] },
    })
    assert.deepEqual(
      recovered.map(({ name, outcome }) => [name, outcome]),
      [
        ['ws-1', 'rolled-back'],
        ['ws-2', 'rolled-back'],
      ],
    )
    assert.deepEqual(stage.names(), ['ws-1', 'ws-2'])
  }
})

test('a stranger that took the name stops everything, and is left as it is', async () => {
  const stage = await setStage({ containers: ONE })
  const member = await leaveHalfDone(stage, 'ws-1', 'parked')
  await stage.docker.containers.create({ Image: APP }, { name: 'ws-1' })
  await assert.rejects(settle(contextOf(stage), [member], 'decide'), /held by a container that has no part in this/)
  assert.equal(stage.names().length, 3)
})

const under = (Name: string, MaximumRetryCount?: number) =>
  seen({ HostConfig: { RestartPolicy: MaximumRetryCount === undefined ? { Name } : { Name, MaximumRetryCount } } })

test('a policy is the same whether it says "no", nothing, or how often not to try', () => {
  for (const [shown, mark, same] of [
    [under(''), { Name: 'no' }, true],
    [under('no', 0), { Name: '' }, true],
    [under('always', 0), { Name: 'always' }, true],
    [under('always'), { Name: 'no' }, false],
    [under('on-failure', 3), { Name: 'on-failure', MaximumRetryCount: 3 }, true],
    [under('on-failure', 3), { Name: 'on-failure', MaximumRetryCount: 4 }, false],
  ] as const)
    assert.equal(isArmed(shown, mark), same, JSON.stringify(mark))
})

const marked = (replaces: string): Member | undefined =>
  memberOf(
    seen({
      Config: {
        Labels: {
          'dockline.op': 'x',
          'dockline.replaces': replaces,
          'dockline.name': 'ws-1',
          'dockline.was': 'running',
          'dockline.restart': '{"Name":"no"}',
        },
      },
    }),
  )

test('a container is a member of an operation only with marks that can be read', () => {
  assert.equal(memberOf(seen()), undefined)
  assert.equal(marked('short'), undefined)
  assert.equal(marked('a'.repeat(64))?.successorId, ID)
})

test('a stop is waited for as long as the container may take, an hour where it has no limit', async () => {
  for (const [StopTimeout, least] of [
    [undefined, 10_000],
    [120, 120_000],
    [-1, 3_599_999],
  ] as const) {
    const stage = await setStage({ containers: ONE })
    const body = StopTimeout === undefined ? {} : { StopTimeout }
    const operation = [await leaveHalfDone(stage, 'ws-1', 'started', { body })]
    const patience: number[] = []
    const { containers } = stage.docker
    const engine = withCalls(stage, {
      stop: (id: string, options: object, call?: { headersTimeout?: number }) => {
        patience.push(call?.headersTimeout ?? Number.NaN)
        return containers.stop(id, options, call)
      },
    })
    await settle({ ...contextOf(stage), engine }, operation, 'roll back')
    assert.equal(patience.length, 1)
    assert.ok((patience[0] as number) > least, `${patience[0]}`)
  }
})

test('a name is borne only by a container of that name, not by one whose id begins so', async () => {
  const stage = await setStage({ containers: [{ name: 'other', Image: APP }] })
  const name = (stage.container('other')?.id ?? '').slice(0, 8)
  await stage.docker.containers.create({ Image: APP }, { name })
  const old = stage.container(name)?.id
  await stage.docker.containers.start(old ?? '')
  const operation = [await leaveHalfDone(stage, name, 'parked')]
  assert.equal(await settle(contextOf(stage), operation, 'roll back'), 'rolled-back')
  assert.equal(stage.container(name)?.id, old)
})
