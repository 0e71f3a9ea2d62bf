import assert from 'node:assert/strict'
import { test } from 'node:test'

import { isUnreachable, ConnectionError } from '../../lib/base/errors.ts'
import { refresh, type RefreshOptions } from '../../lib/refresh/refresh.ts'
import type { RefreshReport } from '../../lib/refresh/report.ts'
import { imageTarget } from '../../lib/refresh/target.ts'
import { APP, leaveHalfDone, setStage, version, type Stage } from '../support/stage.ts'

const OTHER = 'ghcr.io/acme/other:latest'
const FLEET = [
  { name: 'ws-1', Image: APP },
  { name: 'ws-2', Image: APP },
  { name: 'ws-3', Image: APP, running: false },
  { name: 'stranger', Image: APP },
]

const run = (stage: Stage, options: Partial<RefreshOptions> = {}): Promise<RefreshReport> =>
  refresh(stage.ports, {
    targets: [imageTarget(APP)],
    selection: { namePrefix: 'ws-' },
    gate: { stableFor: 1000 },
    onEvent: (event) => void stage.events.push(event),
    ...options,
  })
const lines = ({ containers }: RefreshReport): string[] =>
  containers.map(({ name, outcome, reason }) => `${name} ${outcome}${reason === undefined ? '' : `: ${reason}`}`)
const ids = ({ model }: Stage): string[] => model.containers().map(({ name, id }) => `${name} ${id}`)

test('outdated containers are moved, each does what it did, and what is not selected is not touched', async () => {
  const stage = await setStage({ containers: FLEET })
  const stranger = stage.container('stranger')?.id
  stage.model.publish(APP, version(2))
  const report = await run(stage)
  assert.deepEqual(report.pulled, [APP])
  assert.deepEqual(report.failed, [])
  assert.deepEqual(report.recreated.toSorted(), ['ws-1', 'ws-2', 'ws-3'])
  assert.deepEqual(stage.names(), ['stranger', 'ws-1', 'ws-2', 'ws-3'])
  assert.equal(stage.container('stranger')?.id, stranger)
  assert.deepEqual(
    ['ws-1', 'ws-2', 'ws-3'].map((name) => stage.container(name)?.status),
    ['running', 'running', 'created'],
  )
  for (const { name, newId } of report.containers) assert.equal(stage.container(name)?.id, newId)
})

test('a second run says current of all, and makes no changing call but the pull', async () => {
  const stage = await setStage({ containers: FLEET })
  stage.model.publish(APP, version(2))
  await run(stage)
  const changes = stage.changes().length
  const again = await run(stage)
  assert.deepEqual(new Set(again.containers.map(({ outcome }) => outcome)), new Set(['current']))
  assert.deepEqual([again.pulled, again.recreated], [[APP], []])
  assert.deepEqual(stage.changes().slice(changes), ['POST /images/create'])
})

test('the report has all its lists whatever happened, and its times come from the clock', async () => {
  const stage = await setStage({ images: {} })
  const report = await run(stage, { targets: [] })
  const { pulled, failed, recreated, images, containers, recovered, cleaned } = report
  assert.deepEqual([pulled, failed, recreated, images, containers, recovered, cleaned], [[], [], [], [], [], [], []])
  assert.deepEqual([report.dryRun, report.interrupted], [false, false])
  assert.equal(report.startedAt, '2026-01-01T00:00:00.000Z')
  assert.equal(report.durationMs, 0)
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report)
})

test('a dry run says what would be done and makes no changing call, not even for what was left unfinished', async () => {
  const stage = await setStage({ containers: FLEET })
  stage.model.publish(APP, version(2))
  await stage.docker.images.pull(APP)
  await leaveHalfDone(stage, 'ws-2', 'created')
  const before = [ids(stage), stage.changes().length]
  const report = await run(stage, { dryRun: true })
  assert.ok(lines(report).includes('ws-1 replaced'))
  assert.deepEqual([report.dryRun, report.recreated, report.recovered], [true, [], []])
  assert.deepEqual([ids(stage), stage.changes().length], before)
})

test('a dry run of the strategy remove says removed', async () => {
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP }] })
  stage.model.publish(APP, version(2))
  await stage.docker.images.pull(APP)
  assert.deepEqual(lines(await run(stage, { dryRun: true, strategy: 'remove' })), ['ws-1 removed'])
})

test('recreate: false pulls and leaves every container as it is', async () => {
  const stage = await setStage({ containers: FLEET })
  const before = ids(stage)
  stage.model.publish(APP, version(2))
  const report = await run(stage, { recreate: false })
  assert.deepEqual([report.pulled, report.recreated, report.containers], [[APP], [], []])
  assert.deepEqual(ids(stage), before)
})

test('the strategy remove removes what is outdated and tells of it as recreated, as the seed did', async () => {
  const stage = await setStage({ containers: FLEET })
  stage.model.publish(APP, version(2))
  const report = await run(stage, { strategy: 'remove' })
  assert.deepEqual(report.recreated.toSorted(), ['ws-1', 'ws-2', 'ws-3'])
  assert.deepEqual(stage.names(), ['stranger'])
})

test('where the first container fails, the others are skipped, and the whole is as it was', async () => {
  const stage = await setStage({ containers: FLEET })
  const before = ids(stage)
  stage.model.publish(APP, version(2, { behaviour: { process: { exits: 3 } } }))
  const report = await run(stage)
  const rolledBack = report.containers.filter(({ outcome }) => outcome === 'rolled-back')
  assert.equal(rolledBack.length, 1)
  assert.match(rolledBack[0]?.reason ?? '', /exit code 3/)
  assert.equal(report.containers.filter(({ cause }) => cause === 'canary-failed').length, 2)
  assert.deepEqual(report.recreated, [])
  assert.deepEqual(ids(stage), before)
})

test('an image that cannot be had fails alone, and its containers are told of', async () => {
  const stage = await setStage({
    images: { [APP]: version(1), [OTHER]: version(1) },
    containers: [
      { name: 'ws-1', Image: APP },
      { name: 'ws-2', Image: OTHER },
    ],
  })
  stage.model.publish(APP, version(2))
  const gone = 'ghcr.io/acme/gone:latest'
  const report = await run(stage, { targets: [imageTarget(gone), imageTarget(APP)] })
  assert.deepEqual([report.failed, report.pulled, report.recreated], [[gone], [APP], ['ws-1']])
})

test('an image whose registry is away leaves its containers alone', async () => {
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP }] })
  stage.model.faults = ({ path }) => (path === '/images/create' ? { kind: 'before', action: 'error' } : undefined)
  const report = await run(stage)
  assert.deepEqual([report.failed, lines(report)], [[APP], ['ws-1 skipped: its image could not be pulled']])
})

test('without targets the images of the selected containers are refreshed, each once', async () => {
  const stage = await setStage({
    images: { [APP]: version(1), [OTHER]: version(1) },
    containers: [
      { name: 'ws-1', Image: APP },
      { name: 'ws-2', Image: OTHER },
      { name: 'ws-3', Image: APP },
    ],
  })
  const report = await run(stage, { targets: [] })
  assert.deepEqual(report.pulled.toSorted(), [APP, OTHER])
})

test('at most three images are pulled at once', async () => {
  const names = [1, 2, 3, 4, 5, 6, 7].map((n) => `ghcr.io/acme/app-${n}:latest`)
  const stage = await setStage({ images: Object.fromEntries(names.map((name) => [name, version(1)])) })
  let now = 0
  let most = 0
  const credentials = {
    resolve: async () => {
      most = Math.max(most, ++now)
      return { auth: undefined, source: 'anonymous' }
    },
  }
  const onEvent = ({ type }: { type: string }): void => void (type === 'image' && now--)
  const options = { targets: names.map(imageTarget), selection: { all: true }, onEvent }
  const report = await refresh({ ...stage.ports, credentials }, options)
  assert.deepEqual([report.pulled.length, most, now], [7, 3, 0])
})

test('what an earlier run left is ended first, and told of', async () => {
  const stage = await setStage({ containers: FLEET })
  await leaveHalfDone(stage, 'ws-1', 'parked')
  const report = await run(stage)
  assert.deepEqual(
    report.recovered.map(({ name, outcome }) => `${name} ${outcome}`),
    ['ws-1 rolled-back'],
  )
  assert.deepEqual(lines(report).toSorted(), ['ws-1 current', 'ws-2 current', 'ws-3 current'])
})

test('the signal ends a refresh at a safe point, and the report says so', async () => {
  const stage = await setStage({ containers: FLEET })
  const before = ids(stage)
  stage.model.publish(APP, version(2))
  const stop = new AbortController()
  const report = await run(stage, {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'phase' && event.phase === 'prove') stop.abort(new Error('SIGINT'))
    },
  })
  assert.equal(report.interrupted, true)
  assert.deepEqual([report.recreated, ids(stage)], [[], before])
  assert.ok(report.containers.every(({ outcome, reason }) => outcome === 'skipped' && reason === 'interrupted'))
})

test('every container and image of the report was told of as it happened, once', async () => {
  const stage = await setStage({ containers: FLEET })
  stage.model.publish(APP, version(2))
  const report = await run(stage)
  const told = stage.events.flatMap((event) => (event.type === 'container' ? [event.container.name] : []))
  assert.deepEqual(told.toSorted(), report.containers.map(({ name }) => name).toSorted())
  assert.deepEqual(
    stage.events.flatMap((event) => (event.type === 'image' ? [event.image] : [])),
    report.images,
  )
})

test('an engine that cannot be reached is an error and not a report', async () => {
  const stage = await setStage()
  const away = () => Promise.reject(new ConnectionError('ENGINE_UNREACHABLE', 'no engine'))
  const engine = { ...stage.docker, containers: { list: away } as never }
  await assert.rejects(refresh({ ...stage.ports, engine }, { targets: [], selection: { all: true } }), (error) =>
    isUnreachable(error),
  )
})

test('on the containerd store a re-pushed index with the same content restarts nothing', async () => {
  const stage = await setStage({ profile: '28-containerd', containers: [{ name: 'ws-1', Image: APP }] })
  const before = ids(stage)
  const report = await run(stage)
  assert.deepEqual([lines(report), ids(stage)], [['ws-1 current'], before])
  stage.model.publish(APP, version(2))
  assert.deepEqual(lines(await run(stage)), ['ws-1 replaced'])
})

test('an image that is named twice, in one spelling or two, is pulled once', async () => {
  const stage = await setStage({ images: {} })
  stage.model.publish('nginx', version(1))
  const targets = ['nginx', 'docker.io/library/nginx:latest', 'nginx'].map(imageTarget)
  const report = await run(stage, { targets })
  assert.deepEqual([report.pulled, report.images.length], [['nginx'], 1])
  assert.deepEqual(stage.changes(), ['POST /images/create'])
})

test('a dry run pulls nothing, and says nothing else', async () => {
  const stage = await setStage({ containers: FLEET })
  assert.deepEqual((await run(stage, { dryRun: true })).pulled, [])
})

test('a dry run does not say of an image that it could not be pulled', async () => {
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP }] })
  stage.model.publish(APP, version(2))
  await stage.docker.images.tag(APP, { repo: 'kept', tag: 'old' })
  await stage.docker.images.remove(APP)
  assert.deepEqual(lines(await run(stage, { dryRun: true })), [
    'ws-1 skipped: its image is not on the engine: a refresh pulls it first',
  ])
})

test("on podman the new image's health check takes the place of the old one's, which its inspect leaves out", async () => {
  const check = (program: string): object => ({ Healthcheck: { Test: ['CMD', program], Interval: 1e9, Retries: 2 } })
  const stage = await setStage({
    profile: 'podman',
    images: { [APP]: version(1, { config: { Cmd: ['/serve'], ...check('/old') } }) },
    containers: [{ name: 'ws-1', Image: APP }],
  })
  stage.model.publish(
    APP,
    version(2, { config: { Cmd: ['/serve'], ...check('/new') }, behaviour: { health: 'healthy' } }),
  )
  const { recreated } = await run(stage)
  assert.deepEqual(recreated, ['ws-1'])
  const { Config } = await stage.docker.containers.inspect('ws-1')
  assert.deepEqual(Config.Healthcheck?.Test, ['CMD', '/new'])
})

test('on podman without systemd, where nobody runs health checks, the gate runs them', async () => {
  for (const [health, outcome] of [
    ['healthy', 'replaced'],
    ['unhealthy', 'rolled-back'],
  ] as const) {
    const stage = await setStage({ profile: 'podman', systemd: false, containers: [{ name: 'ws-1', Image: APP }] })
    const Healthcheck = { Test: ['CMD', '/check'], Interval: 1e9, Retries: 2 }
    stage.model.publish(APP, version(2, { config: { Cmd: ['/serve'], Healthcheck }, behaviour: { health } }))
    const [container] = (await run(stage)).containers
    assert.equal(container?.outcome, outcome, container?.reason)
    const asked = stage.model.calls.filter(({ path }) => path.endsWith('/healthcheck')).length
    assert.equal(asked, health === 'healthy' ? 1 : 2)
  }
})

test('on podman without systemd the first health check comes at once, and the others by the interval', async () => {
  const stage = await setStage({ profile: 'podman', systemd: false, containers: [{ name: 'ws-1', Image: APP }] })
  const Healthcheck = { Test: ['CMD', '/check'], Interval: 300e9, Retries: 3 }
  const begun = stage.clock.monotonic()
  stage.model.publish(APP, version(2, { config: { Cmd: ['/serve'], Healthcheck } }))
  const [container] = (await run(stage)).containers
  assert.equal(container?.outcome, 'replaced')
  assert.ok(stage.clock.monotonic() - begun < 300_000)
})

test('where systemd runs the health checks of podman, the gate leaves them alone', async () => {
  const stage = await setStage({ profile: 'podman', containers: [{ name: 'ws-1', Image: APP }] })
  const Healthcheck = { Test: ['CMD', '/check'], Interval: 1e9, Retries: 5 }
  stage.model.publish(APP, version(2, { config: { Cmd: ['/serve'], Healthcheck }, behaviour: { health: 'unhealthy' } }))
  const [container] = (await run(stage)).containers
  assert.equal(container?.outcome, 'rolled-back')
  assert.ok(stage.model.calls.filter(({ path }) => path.endsWith('/healthcheck')).length <= 1)
})
