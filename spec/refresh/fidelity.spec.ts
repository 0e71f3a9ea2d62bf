// What a refresh of a whole engine in memory keeps of its containers, and what it says where it cannot.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { DockerError } from '../../lib/base/errors.ts'
import { objectAt, textAt, type JsonObject } from '../../lib/base/json.ts'
import { refresh } from '../../lib/refresh/refresh.ts'
import type { RefreshReport } from '../../lib/refresh/report.ts'
import type { ProfileName } from '../../lib/testing/model/index.ts'
import { APP, everything, setStage, version, withCalls, type Stage } from '../support/stage.ts'

const PROFILES: readonly ProfileName[] = ['20.10', '26', '28', '28-containerd', '29', '29-containerd', 'podman']
const LONG = 9_360_000_000_000_001n // --health-interval 2600h, and one

async function make(stage: Stage, name: string, body: object, running = true): Promise<string> {
  const { Id } = await stage.docker.containers.create({ Image: APP, ...body }, { name })
  if (running) await stage.docker.containers.start(Id)
  return Id
}

async function release(stage: Stage, number: number): Promise<RefreshReport> {
  stage.model.publish(APP, version(number))
  return await refresh(stage.ports, everything)
}

const config = ({ model }: Stage, name: string): JsonObject => objectAt(model.inspect(name), 'Config')
const hostConfig = ({ model }: Stage, name: string): JsonObject => objectAt(model.inspect(name), 'HostConfig')
const line = ({ containers }: RefreshReport, name: string) => containers.find((one) => one.name === name)

for (const profile of PROFILES) {
  test(`on ${profile} a borrower of volumes names its lender by the final name, also after two moves`, async () => {
    const stage = await setStage({ profile })
    await make(stage, 'data', { Volumes: { '/data': {} } })
    await make(stage, 'app', { HostConfig: { VolumesFrom: ['data:ro'] } })
    for (const number of [2, 3]) {
      const { recreated } = await release(stage, number)
      assert.deepEqual(recreated.toSorted(), ['app', 'data'])
      assert.deepEqual(hostConfig(stage, 'app')['VolumesFrom'], ['data:ro'])
    }
  })

  test(`on ${profile} a health interval beyond 2^53 nanoseconds is carried exactly`, async () => {
    const stage = await setStage({ profile })
    await make(stage, 'app', { Healthcheck: { Test: ['CMD', 'true'], Interval: LONG } }, false)
    const report = await release(stage, 2)
    assert.deepEqual(report.recreated, ['app'])
    assert.equal(objectAt(config(stage, 'app'), 'Healthcheck')['Interval'], LONG)
  })
}

for (const profile of ['20.10', '26', '28', '28-containerd', '29', '29-containerd'] as const) {
  test(`on ${profile} a container that has left its last network is made without one`, async () => {
    const stage = await setStage({ profile })
    await make(stage, 'app', {})
    await stage.docker.networks.disconnect('bridge', { Container: 'app' })
    const report = await release(stage, 2)
    assert.deepEqual([line(report, 'app')?.outcome, line(report, 'app')?.reason], ['replaced', undefined])
    assert.deepEqual(objectAt(objectAt(stage.model.inspect('app'), 'NetworkSettings'), 'Networks'), {})
  })

  test(`on ${profile} an entry of the environment that equals the image's stays the user's`, async () => {
    const images = { [APP]: version(1, { config: { Cmd: ['/serve'], Env: ['PATH=/bin', 'A=1'] } }) }
    const stage = await setStage({ profile, images })
    await make(stage, 'app', { Env: ['A=1'] })
    stage.model.publish(APP, version(2, { config: { Cmd: ['/serve'], Env: ['PATH=/bin', 'A=2'] } }))
    await refresh(stage.ports, everything)
    assert.deepEqual(config(stage, 'app')['Env'], ['A=1', 'PATH=/bin'])
  })
}

const macOf = ({ model }: Stage, network: string): string =>
  textAt(objectAt(objectAt(objectAt(model.inspect('app'), 'NetworkSettings'), 'Networks'), network), 'MacAddress')

for (const profile of ['29', '29-containerd'] as const) {
  test(`on ${profile} the MAC address of the main network is carried, which its API does not show`, async () => {
    const stage = await setStage({ profile })
    for (const Name of ['n1', 'n2']) await stage.docker.networks.create({ Name })
    const EndpointsConfig = { n1: { MacAddress: '02:42:0a:63:01:55' }, n2: {} }
    await make(stage, 'app', { HostConfig: { NetworkMode: 'n1' }, NetworkingConfig: { EndpointsConfig } })
    const drawn = macOf(stage, 'n2')
    await release(stage, 2)
    assert.equal(macOf(stage, 'n1'), '02:42:0a:63:01:55')
    assert.notEqual(macOf(stage, 'n2'), drawn)
  })

  test(`on ${profile} the MAC address of a network that is named by its id is carried`, async () => {
    const stage = await setStage({ profile })
    const { Id } = await stage.docker.networks.create({ Name: 'n1' })
    const EndpointsConfig = { [Id]: { MacAddress: '02:42:0a:63:01:55' } }
    await make(stage, 'app', { HostConfig: { NetworkMode: Id }, NetworkingConfig: { EndpointsConfig } })
    await release(stage, 2)
    assert.equal(macOf(stage, 'n1'), '02:42:0a:63:01:55')
  })

  test(`on ${profile} the MAC address of a stopped container is carried`, async () => {
    const stage = await setStage({ profile })
    await make(stage, 'app', { NetworkingConfig: { EndpointsConfig: { bridge: { MacAddress: '02:42:0a:63:01:55' } } } })
    await stage.docker.containers.stop('app')
    await release(stage, 2)
    assert.equal(macOf(stage, 'bridge'), '02:42:0a:63:01:55')
  })
}

test('on 26 the MAC address of a further network is carried', async () => {
  const stage = await setStage({ profile: '26' })
  for (const Name of ['n1', 'n2']) await stage.docker.networks.create({ Name })
  const EndpointsConfig = { n1: {}, n2: { MacAddress: '02:42:0a:63:01:66' } }
  await make(stage, 'app', { HostConfig: { NetworkMode: 'n1' }, NetworkingConfig: { EndpointsConfig } })
  await release(stage, 2)
  const networks = objectAt(objectAt(stage.model.inspect('app'), 'NetworkSettings'), 'Networks')
  assert.equal(textAt(objectAt(networks, 'n2'), 'MacAddress'), '02:42:0a:63:01:66')
})

for (const [keepMac, kept] of [
  [true, true],
  [undefined, false],
] as const)
  test(`on 28 a drawn MAC address is ${kept ? 'kept by --keep-mac' : 'drawn anew without --keep-mac'}`, async () => {
    const stage = await setStage({ profile: '28' })
    await make(stage, 'app', {})
    const before = macOf(stage, 'bridge')
    stage.model.publish(APP, version(2))
    await refresh(stage.ports, { ...everything, keepMac })
    assert.equal(macOf(stage, 'bridge') === before, kept)
  })

test('a selected container that cannot be read fails by its name, and the others are moved', async () => {
  const stage = await setStage({
    containers: [
      { name: 'odd', Image: APP },
      { name: 'ws-1', Image: APP },
    ],
  })
  const engine = withCalls(stage, { inspectRaw: unreadable(stage, 'odd') })
  stage.model.publish(APP, version(2))
  const report = await refresh({ ...stage.ports, engine }, everything)
  assert.deepEqual(report.recreated, ['ws-1'])
  const odd = line(report, 'odd')
  assert.deepEqual([odd?.outcome, odd?.code], ['failed', 'PROTOCOL_VIOLATION'])
  assert.match(odd?.reason ?? '', /inspect of odd cannot be understood: RestartCount/)
})

test('a container of others that cannot be read is named and passed over', async () => {
  const stage = await setStage({
    containers: [
      { name: 'odd', Image: APP },
      { name: 'ws-1', Image: APP },
    ],
  })
  const engine = withCalls(stage, { inspectRaw: unreadable(stage, 'odd') })
  stage.model.publish(APP, version(2))
  const report = await refresh({ ...stage.ports, engine }, { ...everything, selection: { namePrefix: 'ws-' } })
  assert.deepEqual([report.recreated, report.containers.length], [['ws-1'], 1])
  assert.match(report.warnings.join(), /^odd was passed over: .*RestartCount/)
})

function unreadable({ docker, container }: Stage, name: string) {
  return async (id: string, ...rest: []) => {
    const raw = await docker.containers.inspectRaw(id, ...rest)
    return raw['Id'] === container(name)?.id ? { ...raw, RestartCount: 'many' } : raw
  }
}

test('that a stopped container under "always" is not started by an engine that restarts is told', async () => {
  const stage = await setStage()
  await make(stage, 'app', { HostConfig: { RestartPolicy: { Name: 'always' } } })
  await stage.docker.containers.stop('app')
  const { changed = [] } = line(await release(stage, 2), 'app')?.settings ?? {}
  assert.ok(changed.some((note) => note.startsWith('State: created and not exited')))
})

test('a container of compose 1 is warned of in the report', async () => {
  const stage = await setStage()
  await make(stage, 'app', { Labels: { 'com.docker.compose.version': '1.29.2' } })
  const { warnings = [] } = line(await release(stage, 2), 'app') ?? {}
  assert.match(warnings.join(), /compose 1\.29\.2 made it/)
})

test('start-first does not overlap two containers with one MAC address, and says so', async () => {
  const stage = await setStage({ profile: '26' })
  await make(stage, 'app', { MacAddress: '02:42:0a:63:01:55' })
  stage.model.publish(APP, version(2))
  const report = await refresh(stage.ports, { ...everything, order: 'start-first' })
  assert.match(
    line(report, 'app')?.warnings.join() ?? '',
    /start-first is not possible: it has a MAC address of its own/,
  )
})

test('an inspect may be asked for in an older version of the API', async () => {
  const stage = await setStage()
  await stage.docker.networks.create({ Name: 'n1' })
  await make(stage, 'app', { HostConfig: { NetworkMode: 'n1' } })
  const aliases = (raw: JsonObject) => objectAt(objectAt(objectAt(raw, 'NetworkSettings'), 'Networks'), 'n1')['Aliases']
  const { containers } = stage.docker
  assert.equal(aliases(await containers.inspectRaw('app')), null)
  assert.ok(Array.isArray(aliases(await containers.inspectRaw('app', { apiVersion: '1.44' })))) // below 1.45 the short id
})

test('an older version that the engine refuses leaves the one agreed on as it was', async () => {
  const stage = await setStage()
  await make(stage, 'app', {})
  await assert.rejects(stage.docker.containers.inspectRaw('app', { apiVersion: '1.10' }), DockerError)
  assert.equal(await stage.docker.apiVersion(), '1.51')
})
