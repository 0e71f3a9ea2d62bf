import assert from 'node:assert/strict'
import { test } from 'node:test'

import { recover } from '../../lib/refresh/recover.ts'
import { refresh, type RefreshOptions, type RefreshPorts } from '../../lib/refresh/refresh.ts'
import type { RefreshReport } from '../../lib/refresh/report.ts'
import { imageTarget } from '../../lib/refresh/target.ts'
import { whileUnderWay } from '../../lib/refresh/under-way.ts'
import { DOCK, DOCK_IMAGE, HELPER, handOver, helperWorks, processIn } from '../support/hand-over.ts'
import { APP, leaveHalfDone, setStage, version, type Stage, type StageOptions } from '../support/stage.ts'

const DOCK_SEED = {
  name: DOCK,
  Image: DOCK_IMAGE,
  Env: ['DOCKER_HOST=unix:///run/docker.sock', 'TOKEN=x'],
  Labels: { 'com.docker.compose.service': 'dock', own: 'yes' },
  ExposedPorts: { '8787/tcp': {} },
  HostConfig: {
    Binds: ['/var/run/docker.sock:/run/docker.sock', '/etc/dockline:/etc/dockline:rw,Z', 'state:/state:ro'],
    PortBindings: { '8787/tcp': [{ HostPort: '8787' }] },
    RestartPolicy: { Name: 'always' },
    NetworkMode: 'front',
  },
  NetworkingConfig: { EndpointsConfig: { front: { Aliases: ['admin'] } } },
}

async function stageDock(options: StageOptions = {}): Promise<{ stage: Stage; ports: RefreshPorts }> {
  const stage = await setStage({ images: { [APP]: version(1), [DOCK_IMAGE]: version(1) }, ...options })
  await stage.docker.networks.create({ Name: 'front' })
  const { name, ...body } = DOCK_SEED
  const { Id } = await stage.docker.containers.create(body, { name })
  await stage.docker.containers.start(Id)
  stage.model.publish(DOCK_IMAGE, version(2))
  return { stage, ports: await processIn(stage.model, stage.ports, Id, 'first') }
}

const run = (ports: RefreshPorts, options: Partial<RefreshOptions> = {}): Promise<RefreshReport> =>
  refresh(ports, { targets: [], selection: { all: true }, gate: { stableFor: 1000 }, handOver, ...options })
const told = ({ containers }: RefreshReport, name = DOCK) => containers.find((one) => one.name === name)
const idOf = (stage: Stage, name: string): string => stage.container(name)?.id ?? assert.fail(`no ${name}`)

test('without the word the own container is refused, with the command that hands it over', async () => {
  const { stage, ports } = await stageDock()
  const report = await run(ports, { handOver: undefined })
  assert.equal(told(report)?.outcome, 'skipped')
  assert.match(told(report)?.reason ?? '', /"dockline refresh --name dock --self" hands it over to a helper/)
  assert.deepEqual(stage.names(), [DOCK])
})

test('the own container is handed over to a helper of the new image, which moves it and goes', async () => {
  const { stage, ports } = await stageDock()
  const old = idOf(stage, DOCK)
  const report = await run(ports)
  const helper = idOf(stage, HELPER)
  const { outcome, reason, helperId } = told(report) ?? {}
  assert.deepEqual(
    [outcome, reason, helperId],
    ['skipped', `handed over to ${HELPER} (${helper.slice(0, 12)})`, helper],
  )
  assert.deepEqual([report.recreated, idOf(stage, DOCK), stage.container(DOCK)?.status], [[], old, 'running'])
  const done = await helperWorks(stage.model, await processIn(stage.model, stage.ports, helper, 'helper'))
  assert.deepEqual([done.recreated, stage.names()], [[DOCK], [DOCK]])
  assert.notEqual(idOf(stage, DOCK), old)
  const { Config, HostConfig } = await stage.docker.containers.inspect(DOCK)
  assert.deepEqual([Config.Labels['own'], HostConfig.RestartPolicy.Name], ['yes', 'always'])
})

test('a helper reaches the engine as the old one does, and nobody takes it for that', async () => {
  const { stage, ports } = await stageDock()
  await run(ports)
  const { Config, HostConfig, NetworkSettings, Image } = await stage.docker.containers.inspect(HELPER)
  assert.equal(Image, (await stage.docker.images.inspect(DOCK_IMAGE)).Id)
  assert.deepEqual(Config.Env.toSorted(), ['DOCKER_HOST=unix:///run/docker.sock', 'TOKEN=x', 'VERSION=2'])
  assert.deepEqual(HostConfig.Binds, [
    '/var/run/docker.sock:/run/docker.sock:ro',
    '/etc/dockline:/etc/dockline:ro',
    'state:/state:ro',
  ])
  assert.deepEqual(Object.keys(NetworkSettings.Networks), ['front'])
  assert.equal(NetworkSettings.Networks['front']?.Aliases?.includes('admin') ?? false, false)
  assert.deepEqual([HostConfig.PortBindings, NetworkSettings.Ports], [{}, {}])
  assert.deepEqual(HostConfig.RestartPolicy, { Name: 'on-failure', MaximumRetryCount: 5 })
  assert.deepEqual(Object.keys(Config.Labels).toSorted(), ['dockline.helper', 'dockline.helper-maker'])
  assert.deepEqual([Config.Entrypoint, Config.Cmd[0]], [['/bin/dockline'], 'refresh'])
  assert.deepEqual(JSON.parse(Config.Cmd[1] ?? ''), { names: [DOCK], images: [DOCK_IMAGE] })
})

test('a dry run says so and makes none', async () => {
  const { stage, ports } = await stageDock()
  await stage.docker.images.pull(DOCK_IMAGE)
  const report = await run(ports, { dryRun: true })
  assert.deepEqual([told(report)?.outcome, told(report)?.reason], ['skipped', 'would be handed over to a helper'])
  assert.deepEqual(stage.names(), [DOCK])
})

test('it is the last of all, and stays when another container of its image has failed', async () => {
  const { stage, ports } = await stageDock({
    containers: [
      { name: 'app', Image: APP },
      { name: 'second', Image: DOCK_IMAGE },
    ],
    images: { [APP]: version(1), [DOCK_IMAGE]: version(1) },
  })
  stage.model.publish(APP, version(2))
  stage.model.publish(DOCK_IMAGE, version(3, { behaviour: { process: { exits: 1 } } }))
  const events: string[] = []
  const report = await run(ports, {
    onEvent: (event) => void (event.type === 'container' && events.push(event.container.name)),
  })
  assert.deepEqual([told(report)?.outcome, told(report)?.cause], ['skipped', 'canary-failed'])
  assert.equal(events.at(-1), DOCK)
  assert.equal(stage.container(HELPER), undefined)
})

test('while a helper works there is no second one', async () => {
  const { stage, ports } = await stageDock()
  await run(ports)
  const helper = idOf(stage, HELPER)
  const again = await run(ports)
  assert.deepEqual([told(again)?.outcome, told(again)?.code], ['skipped', 'BUSY'])
  assert.match(told(again)?.reason ?? '', /handed over already, to dock\.dockline-helper/)
  assert.equal(told(again, HELPER)?.outcome, 'current')
  assert.equal(idOf(stage, HELPER), helper)
})

test('a container that is no helper and has the name is left alone', async () => {
  const { stage, ports } = await stageDock({ containers: [{ name: HELPER, Image: APP }] })
  const stranger = idOf(stage, HELPER)
  const report = await run(ports)
  assert.deepEqual([told(report)?.outcome, told(report)?.code], ['skipped', 'BUSY'])
  assert.match(told(report)?.reason ?? '', /a container that is no helper is called/)
  assert.equal(idOf(stage, HELPER), stranger)
})

for (const [what, process, expected] of [
  ['is not there', { missing: '/bin/dockline' }, /cannot be started: .*\/bin\/dockline.* Nothing was touched/],
  ['ends with an error', { exits: 9 }, /cannot work: .*exit code 9.*: unknown flag\. Nothing was touched/],
] as const) {
  test(`a helper whose program ${what} is a failure with its words, and is removed`, async () => {
    const { stage, ports } = await stageDock()
    const old = idOf(stage, DOCK)
    stage.model.publish(DOCK_IMAGE, version(3, { behaviour: { process, stderr: ['unknown flag'] } }))
    const report = await run(ports)
    assert.deepEqual([told(report)?.outcome, told(report)?.code], ['failed', 'START_FAILED'])
    assert.match(told(report)?.reason ?? '', expected)
    assert.deepEqual([stage.names(), idOf(stage, DOCK)], [[DOCK], old])
  })
}

test('where the new image does not do, the helper puts the old container back, stays with its words, and is taken away', async () => {
  const { stage, ports } = await stageDock()
  const old = idOf(stage, DOCK)
  await run(ports)
  stage.model.publish(DOCK_IMAGE, version(3, { behaviour: { process: { exits: 1, after: 500 } } }))
  const helper = idOf(stage, HELPER)
  const done = await helperWorks(stage.model, await processIn(stage.model, stage.ports, helper, 'helper'))
  assert.equal(told(done)?.outcome, 'rolled-back')
  assert.deepEqual([idOf(stage, DOCK), stage.container(DOCK)?.status], [old, 'running'])
  assert.equal((await stage.docker.containers.inspect(HELPER)).HostConfig.RestartPolicy.Name, 'no')
  await stage.docker.containers.stop(helper)
  const [dismissed] = await recover(ports)
  assert.deepEqual([dismissed?.name, dismissed?.outcome], [HELPER, 'rolled-back'])
  assert.match(dismissed?.reason ?? '', /a helper that ended with exit code/)
  assert.deepEqual([stage.names(), await recover(ports)], [[DOCK], []])
})

test('a helper that was made and never started is taken away once its maker is gone', async () => {
  const { stage, ports } = await stageDock()
  const maker = await ports.processes.self()
  await stage.docker.containers.create(
    { Image: DOCK_IMAGE, Labels: { 'dockline.helper': 'op', 'dockline.helper-maker': maker } },
    { name: HELPER },
  )
  assert.deepEqual(await whileUnderWay(maker, 'op', () => recover(ports)), [], 'it is at it')
  const outside = { ...stage.ports, processes: { self: async () => 'x', state: async () => 'unknown' as const } }
  assert.deepEqual(await recover(outside), [], 'its container runs, and it is young')
  const restarted = await processIn(stage.model, stage.ports, ports.selfId ?? '', 'second')
  assert.match((await recover(restarted))[0]?.reason ?? '', /a helper that was never started/)
  assert.deepEqual(stage.names(), [DOCK])
})

test('nobody takes up what a living helper does, not even by the word of the operator', async () => {
  const { stage, ports } = await stageDock()
  await run(ports)
  const helper = idOf(stage, HELPER)
  const holder = `boot/helper/1/0/${helper}`
  await leaveHalfDone(stage, DOCK, 'started', { holder })
  const before = stage.names()
  for (const force of [false, true]) {
    const [found] = await recover({
      ...stage.ports,
      processes: { ...stage.ports.processes, state: async () => 'unknown' },
      force,
    })
    assert.equal(found?.outcome, 'busy', `force: ${force}`)
  }
  assert.deepEqual(stage.names(), before)
})

test('a helper that died and was started again takes up what it had left', async () => {
  const { stage, ports } = await stageDock()
  await run(ports)
  const helper = idOf(stage, HELPER)
  await leaveHalfDone(stage, DOCK, 'parked', { holder: `boot/helper-1/1/0/${helper}`, lease: 10_000 })
  const done = await helperWorks(stage.model, await processIn(stage.model, stage.ports, helper, 'helper-2'))
  assert.deepEqual(
    done.recovered.map(({ outcome }) => outcome),
    ['rolled-back'],
  )
  assert.deepEqual([done.recreated, stage.names()], [[DOCK], [DOCK]])
})

test('a dockline that runs in the successor does not stop itself, and commits where it does well', async () => {
  for (const [stableFor, outcome] of [
    [1000, 'committed'],
    [undefined, 'busy'],
  ] as const) {
    const { stage } = await stageDock()
    const { successorId } = await leaveHalfDone(stage, DOCK, 'started', { holder: 'boot/gone/1/0' })
    if (outcome === 'busy') {
      await stage.docker.containers.rename(successorId, 'dock.dockline-next')
    }
    const inside = await processIn(stage.model, stage.ports, successorId, 'new')
    const [found] = await recover({ ...inside, gate: { stableFor }, force: true })
    assert.equal(found?.outcome, outcome)
    assert.equal(stage.model.containers().find(({ id }) => id === successorId)?.status, 'running')
  }
})

test('those that share its network move with it, and the helper is told of them', async () => {
  const { stage, ports } = await stageDock()
  await stage.docker.containers.create(
    { Image: APP, HostConfig: { NetworkMode: `container:${DOCK}` } },
    { name: 'side' },
  )
  await stage.docker.containers.start('side')
  const report = await run(ports)
  assert.deepEqual(report.containers.map(({ name, outcome }) => `${name} ${outcome}`).toSorted(), [
    'dock skipped',
    'side skipped',
  ])
  const { Config } = await stage.docker.containers.inspect(HELPER)
  assert.deepEqual(JSON.parse(Config.Cmd[1] ?? ''), { names: [DOCK, 'side'], images: [DOCK_IMAGE] })
  const ran = await processIn(stage.model, stage.ports, idOf(stage, HELPER), 'helper')
  const done = await helperWorks(stage.model, ran)
  assert.deepEqual(done.recreated.toSorted(), ['dock', 'side'])
})

test('with the network of another one that moves too it is refused, for the helper would need that too', async () => {
  const { stage } = await stageDock({ containers: [{ name: 'pod', Image: DOCK_IMAGE }] })
  const { Id } = await stage.docker.containers.create(
    { Image: DOCK_IMAGE, HostConfig: { NetworkMode: 'container:pod' } },
    { name: 'in-pod' },
  )
  await stage.docker.containers.start(Id)
  const report = await run(await processIn(stage.model, stage.ports, Id, 'first'), {
    selection: { names: ['pod', 'in-pod'] },
  })
  for (const name of ['pod', 'in-pod']) {
    assert.equal(told(report, name)?.outcome, 'skipped')
    assert.match(told(report, name)?.reason ?? '', /from outside/)
  }
  assert.equal(stage.container('in-pod.dockline-helper'), undefined)
})

test('the proxy that dockline talks through is refused, also with the word, and named', async () => {
  const { stage, ports } = await stageDock({
    containers: [
      { name: 'proxy', Image: APP },
      { name: 'app', Image: APP },
    ],
  })
  stage.model.publish(APP, version(2))
  const { NetworkSettings } = await stage.docker.containers.inspect('proxy')
  const address = NetworkSettings.Networks['bridge']?.IPAddress ?? ''
  const endpoint = { kind: 'tcp', host: 'proxy', port: 2375, source: 'a spec' } as const
  const report = await run({ ...ports, access: { endpoint, lookup: async () => [address] } })
  assert.equal(told(report, 'proxy')?.outcome, 'skipped')
  assert.match(
    told(report, 'proxy')?.reason ?? '',
    /dockline reaches the engine through it: .*--name proxy --host unix:/,
  )
  assert.deepEqual(report.recreated, ['app'])
})

test('an image of another name is nobody else than before', async () => {
  const { stage, ports } = await stageDock()
  const report = await run(ports, { targets: [imageTarget(APP)] })
  assert.deepEqual([report.containers, stage.names()], [[], [DOCK]])
})
