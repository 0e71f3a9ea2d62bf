// Quarantine, cleanup, probes and compose's order, on the model engine.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseReference } from '../../lib/base/reference.ts'
import { connect, type Docker } from '../../lib/engine/connect.ts'
import { cleanUp } from '../../lib/refresh/cleanup.ts'
import { isAnswered, readProbe, type Prober } from '../../lib/refresh/probe.ts'
import { quarantineName } from '../../lib/refresh/quarantine.ts'
import { refresh, type RefreshOptions } from '../../lib/refresh/refresh.ts'
import type { RefreshReport } from '../../lib/refresh/report.ts'
import { imageTarget } from '../../lib/refresh/target.ts'
import {
  manualClock,
  modelEngine,
  type ContainerSeed,
  type ModelEngine,
  type ModelImage,
} from '../../lib/testing/model/index.ts'
import { seen } from '../support/container.ts'

const APP = 'ghcr.io/acme/app:latest'
const DB = 'ghcr.io/acme/db:latest'

const version = (v: string, extra: Partial<ModelImage> = {}): ModelImage => ({
  config: { Cmd: ['/serve'], Labels: { v } },
  created: `2026-01-0${v}T00:00:00Z`,
  ...extra,
})

interface Stage {
  readonly engine: ModelEngine
  readonly docker: Docker
  readonly run: (options?: Partial<RefreshOptions>, prober?: Prober) => Promise<RefreshReport>
}

async function stage(
  containers: readonly ContainerSeed[],
  images: Readonly<Record<string, ModelImage>> = { [APP]: version('1') },
): Promise<Stage> {
  const clock = manualClock({ auto: true })
  const engine = modelEngine({ images, containers, clock })
  const docker = await connect({ host: 'unix:///model', transport: () => engine.transport(), validate: 'strict' })
  let ids = 0
  return {
    engine,
    docker,
    run: (options = {}, prober) =>
      refresh(
        {
          engine: docker,
          credentials: { resolve: async () => ({ auth: undefined, source: 'anonymous' }) },
          clock,
          random: { id: () => `op-${++ids}`, fraction: () => 0 },
          processes: { self: async () => 'self', state: async () => 'dead' },
          prober,
        },
        { targets: [], selection: { all: true }, gate: { stableFor: 1000, healthTimeout: 3000 }, ...options },
      ),
  }
}

const outcomes = ({ containers }: RefreshReport): string[] =>
  containers.map(({ name, outcome }) => `${name} ${outcome}`)

test('an image that was rolled back is not tried again until its tag moves', async () => {
  const { engine, run } = await stage([{ name: 'app-1', Image: APP }])
  engine.publish(APP, version('2', { behaviour: { process: { exits: 1 } } }))
  assert.deepEqual(outcomes(await run()), ['app-1 rolled-back'])
  const again = await run()
  assert.deepEqual(outcomes(again), ['app-1 skipped'])
  assert.match(again.containers[0]?.reason ?? '', /rolled back before.*--retry/)
  engine.publish(APP, version('3'))
  assert.deepEqual(outcomes(await run()), ['app-1 replaced'])
})

test('a retry tries a failed image again, and a success ends its quarantine', async () => {
  const { engine, docker, run } = await stage([{ name: 'app-1', Image: APP }])
  let well = false
  const Healthcheck = { Test: ['CMD', '/check'], Interval: 1e8, Timeout: 1e8, Retries: 1 }
  engine.publish(APP, { config: { Cmd: ['/serve'], Healthcheck }, behaviour: { health: () => well } })
  await run()
  const [{ after }] = (await run({ retry: true })).images as [RefreshReport['images'][number]]
  well = true
  const report = await run({ retry: true })
  assert.deepEqual(outcomes(report), ['app-1 replaced'])
  await assert.rejects(docker.images.inspect(quarantineName(parseReference(APP), after as string)), {
    code: 'NOT_FOUND',
  })
})

test('cleanup removes the old images that nothing uses, but for the newest', async () => {
  const { engine, docker, run } = await stage([
    { name: 'app-1', Image: APP },
    { name: 'pinned', Image: APP, running: false },
  ])
  for (const v of ['2', '3', '4']) {
    engine.publish(APP, version(v))
    await run({ selection: { names: ['app-1'] } })
  }
  assert.equal(engine.images().length, 4)
  const cleaned = await cleanUp(docker, [imageTarget(APP)], 1)
  assert.equal(cleaned.length, 1, 'version 1 is used by a stopped container, 4 has the tag, 3 is kept')
  const left = await docker.images.list()
  assert.deepEqual(left.map(({ Labels }) => String(Labels['v'])).toSorted(), ['1', '3', '4'])
})

test('cleanup leaves images of other repositories alone', async () => {
  const { engine, docker, run } = await stage(
    [
      { name: 'app-1', Image: APP },
      { name: 'db-1', Image: DB },
    ],
    { [APP]: version('1'), [DB]: version('5') },
  )
  engine.publish(APP, version('2'))
  engine.publish(DB, version('6'))
  await run({ cleanup: { keep: 9 } })
  const cleaned = await cleanUp(docker, [imageTarget(APP)], 0)
  assert.equal(cleaned.length, 1)
  assert.ok(
    (await docker.images.list()).some(
      ({ RepoDigests, RepoTags }) => RepoTags.length === 0 && RepoDigests.some((digest) => digest.includes('/db@')),
    ),
  )
})

test('a probe label is read, or refused with what it should be', () => {
  assert.deepEqual(readProbe({ 'dockline.probe': 'tcp:8000' }), { kind: 'tcp', port: 8000, path: '/' })
  assert.deepEqual(readProbe({ 'dockline.probe': 'http:80/healthz?x=1' }), {
    kind: 'http',
    port: 80,
    path: '/healthz?x=1',
  })
  assert.equal(readProbe({}), undefined)
  for (const text of ['', 'udp:1', 'http:/x', 'tcp:abc', 'http:80 /x'])
    assert.match(JSON.stringify(readProbe({ 'dockline.probe': text })), /is not .*tcp:PORT/)
})

test('a probe goes to the published port, else to the address of the container', async () => {
  const asked: string[] = []
  const prober: Prober = {
    tcp: async (host, port) => asked.push(`${host}:${port}`) > 0,
    http: async (url) => (asked.push(url), 503),
  }
  const published = seen({ Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] } })
  const inside = seen({ Networks: { backend: { IPAddress: '10.9.0.2' } }, Ports: {} })
  assert.equal(await isAnswered(prober, published, { kind: 'tcp', port: 80, path: '/' }), true)
  assert.equal(
    await isAnswered(prober, inside, { kind: 'http', port: 80, path: '/up' }),
    false,
    '503 is no answer that proves anything',
  )
  assert.deepEqual(asked, ['127.0.0.1:8080', 'http://10.9.0.2:80/up'])
})

test('a container whose probe is not answered is rolled back', async () => {
  const containers = [{ name: 'app-1', Image: APP, Labels: { 'dockline.probe': 'tcp:8000' } }]
  const deaf: Prober = { tcp: async () => false, http: async () => undefined }
  const { engine, run } = await stage(containers)
  engine.publish(APP, version('2'))
  const report = await run({}, deaf)
  assert.deepEqual(outcomes(report), ['app-1 rolled-back'])
  assert.match(report.containers[0]?.reason ?? '', /tcp probe of port 8000 was not answered/)
})

test('a container whose probe is answered in the end is proved', async () => {
  const containers = [{ name: 'app-1', Image: APP, Labels: { 'dockline.probe': 'tcp:8000' } }]
  let asked = 0
  const { engine, run } = await stage(containers)
  engine.publish(APP, version('2'))
  assert.deepEqual(outcomes(await run({}, { tcp: async () => ++asked > 3, http: async () => 200 })), ['app-1 replaced'])
  assert.ok(asked > 3)
})

const compose = (service: string, depends = ''): Record<string, string> => ({
  'com.docker.compose.project': 'shop',
  'com.docker.compose.service': service,
  'com.docker.compose.depends_on': depends,
})

test('what a compose service needs is replaced before it, and who asks for it is restarted after', async () => {
  const { engine, run } = await stage(
    [
      { name: 'web', Image: APP, Labels: compose('web', 'db:service_healthy:true') },
      { name: 'db', Image: DB, Labels: compose('db') },
      { name: 'cron', Image: 'ghcr.io/acme/cron:latest', Labels: compose('cron', 'db:service_started:true') },
      { name: 'quiet', Image: 'ghcr.io/acme/cron:latest', Labels: compose('quiet', 'db:service_started:false') },
    ],
    { [APP]: version('1'), [DB]: version('1'), 'ghcr.io/acme/cron:latest': version('1') },
  )
  engine.publish(APP, version('2'))
  engine.publish(DB, version('2'))
  const before = engine.calls.length
  const report = await run()
  const calls = engine.calls.slice(before)
  assert.deepEqual(
    calls.filter(({ path }) => path === '/containers/create').map(({ query }) => query.get('name')),
    ['db.dockline-next', 'web.dockline-next'],
  )
  assert.equal(calls.filter(({ path }) => path.endsWith('/restart')).length, 1)
  assert.match(
    report.containers.find(({ name }) => name === 'cron')?.warnings.join() ?? '',
    /restarted, as its compose file asks/,
  )
  assert.deepEqual(report.containers.find(({ name }) => name === 'quiet')?.warnings, [])
})
