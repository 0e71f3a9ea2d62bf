import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ApiError } from '../../lib/base/errors.ts'
import { objectAt } from '../../lib/base/json.ts'
import { seeNamed, type Seen } from '../../lib/refresh/container.ts'
import { moveAll, type MoveContext } from '../../lib/refresh/move.ts'
import type { ContainerReport } from '../../lib/refresh/report.ts'
import { APP, setStage, version, withCalls, type Stage } from '../support/stage.ts'

const contextOf = ({ ports, events }: Stage, extra: Partial<MoveContext> = {}): MoveContext => ({
  ...ports,
  gate: { stableFor: 1000 },
  holder: 'me',
  strategy: 'replace',
  concurrency: 4,
  onEvent: (event) => void events.push(event),
  ...extra,
})

/** Moves these containers, each by itself, to what `APP` names after a pull. */
async function move(stage: Stage, names: readonly string[], extra?: Partial<MoveContext>): Promise<ContainerReport[]> {
  const { id: imageId } = await stage.docker.images.pull(APP)
  const seen = await Promise.all(names.map((name) => seeNamed(stage.docker, name)))
  const moves = seen.map((one) => [{ seen: one as Seen, imageId }])
  return moveAll(contextOf(stage, extra), moves)
}

const outcomes = (reports: readonly ContainerReport[]): string[] =>
  reports.map(
    ({ name, outcome, reason }) => `${name} ${outcome}${outcome === 'skipped' ? `: ${reason?.split(': ')[0]}` : ''}`,
  )
const three = ['ws-1', 'ws-2', 'ws-3'].map((name) => ({ name, Image: APP }))
const NAMES = three.map(({ name }) => name)

test('one goes first, and where it succeeds the others follow', async () => {
  const stage = await setStage({ containers: three })
  stage.model.publish(APP, version(2))
  assert.deepEqual(outcomes(await move(stage, NAMES)), ['ws-1 replaced', 'ws-2 replaced', 'ws-3 replaced'])
  const phases = stage.events.flatMap((event) => (event.type === 'phase' ? [`${event.name} ${event.phase}`] : []))
  assert.ok(phases.indexOf('ws-1 commit') < phases.findIndex((phase) => phase.startsWith('ws-2')))
})

test('where the first fails the others are left alone, and the image is not tried again', async () => {
  const stage = await setStage({ containers: three })
  stage.model.publish(APP, version(2, { behaviour: { process: { exits: 3 } } }))
  const before = stage.model.containers().map(({ id }) => id)
  assert.deepEqual(outcomes(await move(stage, NAMES)), [
    'ws-1 rolled-back',
    'ws-2 skipped: canary failed',
    'ws-3 skipped: canary failed',
  ])
  assert.deepEqual(
    stage.model.containers().map(({ id }) => id),
    before,
  )
})

test('the first is one that runs, where there is one: another would prove little', async () => {
  const stage = await setStage({ containers: [{ name: 'ws-0', Image: APP, running: false }, ...three] })
  stage.model.publish(APP, version(2))
  const reports = await move(stage, ['ws-0', 'ws-1'])
  assert.deepEqual(outcomes(reports), ['ws-1 replaced', 'ws-0 replaced'])
})

test('at most so many are moved at once', async () => {
  const names = ['ws-1', 'ws-2', 'ws-3', 'ws-4', 'ws-5', 'ws-6']
  const stage = await setStage({ containers: names.map((name) => ({ name, Image: APP })) })
  stage.model.publish(APP, version(2))
  let now = 0
  let most = 0
  await move(stage, names, {
    concurrency: 2,
    onEvent: (event) => {
      if (event.type === 'phase' && event.phase === 'create') most = Math.max(most, ++now)
      if (event.type === 'container') now--
    },
  })
  assert.equal(most, 2)
})

test('when the signal fires nothing more is begun, and what is not is told', async () => {
  const stage = await setStage({ containers: three })
  stage.model.publish(APP, version(2))
  const stop = new AbortController()
  const reports = await move(stage, NAMES, {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'container' && event.container.name === 'ws-1') stop.abort(new Error('SIGINT'))
    },
  })
  assert.deepEqual(outcomes(reports), ['ws-1 replaced', 'ws-2 skipped: interrupted', 'ws-3 skipped: interrupted'])
})

test('the strategy remove stops and removes, and makes nothing', async () => {
  const stage = await setStage({ containers: [...three, { name: 'ws-4', Image: APP, running: false }] })
  stage.model.publish(APP, version(2))
  assert.deepEqual(outcomes(await move(stage, [...NAMES, 'ws-4'], { strategy: 'remove' })), [
    'ws-1 removed',
    'ws-2 removed',
    'ws-3 removed',
    'ws-4 removed',
  ])
  assert.deepEqual(stage.names(), [])
  assert.ok(!stage.changes().includes('POST /containers/create'))
})

test('the strategy remove waits for a --rm container to go, and does not remove it while its engine does', async () => {
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP, HostConfig: { AutoRemove: true } }] })
  const { containers } = stage.docker
  const raw = await containers.inspectRaw('ws-1')
  let looks = 0
  const engine = withCalls(stage, {
    inspectRaw: (id: string) =>
      looks++ < 3 ? { ...raw, State: { ...objectAt(raw, 'State'), Status: 'removing' } } : containers.inspectRaw(id),
    remove: () => Promise.reject(new ApiError('CONFLICT', 'removal is already in progress', { status: 409 })),
  })
  assert.deepEqual(outcomes(await move(stage, ['ws-1'], { strategy: 'remove', engine })), ['ws-1 removed'])
  assert.deepEqual(stage.names(), [])
})

const absent = (): Promise<never> => Promise.reject(new ApiError('NOT_FOUND', 'Not Found', { status: 404 }))

test('the strategy remove works where an engine has no update, as podman 4, and says removed of nothing that is there', async () => {
  const stage = await setStage({
    containers: [{ name: 'ws-1', Image: APP, HostConfig: { RestartPolicy: { Name: 'always' } } }],
  })
  const reports = await move(stage, ['ws-1'], { strategy: 'remove', engine: withCalls(stage, { update: absent }) })
  assert.deepEqual([outcomes(reports), stage.names()], [['ws-1 removed'], []])
})

test('the strategy remove asks the engine what is true when a reply is lost', async () => {
  for (const lost of [/\/stop$/, /^DELETE/]) {
    const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP }] })
    let left = 1
    stage.model.faults = ({ method, path }) =>
      lost.test(`${method} ${path}`) && left-- > 0 ? { kind: 'after', action: 'lose' } : undefined
    assert.deepEqual(outcomes(await move(stage, ['ws-1'], { strategy: 'remove' })), ['ws-1 removed'])
    assert.deepEqual(stage.names(), [])
  }
})

test('a container that the strategy remove could not remove keeps its restart policy', async () => {
  for (const failing of ['/stop', ''] as const) {
    const stage = await setStage({
      containers: [{ name: 'ws-1', Image: APP, HostConfig: { RestartPolicy: { Name: 'always' } } }],
    })
    stage.model.faults = ({ method, path }) =>
      (failing === '' ? method === 'DELETE' : path.endsWith(failing)) ? { kind: 'before', action: 'error' } : undefined
    const reports = await move(stage, ['ws-1'], { strategy: 'remove' })
    assert.equal(reports[0]?.outcome, 'failed')
    assert.equal(stage.container('ws-1')?.restartPolicy, 'always')
  }
})

test('a container that cannot be moved proves nothing of the image: the next one is the first', async () => {
  const stage = await setStage({ containers: three })
  stage.model.publish(APP, version(2, { behaviour: { process: { exits: 3 } } }))
  await stage.docker.containers.create({ Image: APP }, { name: 'ws-1.dockline-next' })
  const reports = await move(stage, NAMES)
  assert.deepEqual(outcomes(reports), [
    'ws-1 skipped: a container without marks is called ws-1.dockline-next',
    'ws-2 rolled-back',
    'ws-3 skipped: canary failed',
  ])
})
