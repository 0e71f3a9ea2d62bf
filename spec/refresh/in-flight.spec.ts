import assert from 'node:assert/strict'
import { test } from 'node:test'

import { objectAt, textAt } from '../../lib/base/json.ts'
import { recover } from '../../lib/refresh/recover.ts'
import { refresh } from '../../lib/refresh/refresh.ts'
import type { RefreshReport } from '../../lib/refresh/report.ts'
import { openOperations } from '../../lib/refresh/unfinished.ts'
import type { ProfileName } from '../../lib/testing/model/index.ts'
import { startProcess } from '../faults/process.ts'
import { APP, everything, setStage, version, type Stage } from '../support/stage.ts'

const DEAF = version(1, { behaviour: { stopsAfter: Number.POSITIVE_INFINITY } })
const ONE = { name: 'ws-1', Image: APP, StopTimeout: 1, HostConfig: { RestartPolicy: { Name: 'always' } } }
const DOCKER = ['20.10', '26', '28', '28-containerd'] as const
const PODMAN = ['podman-4', 'podman'] as const

/** A container whose engine takes so many milliseconds longer to stop it than any inspect tells. */
async function stageOf(profile: ProfileName, stopsLater: number): Promise<Stage> {
  const stage = await setStage({ profile, stopsLater, images: { [APP]: DEAF }, containers: [ONE] })
  stage.model.publish(APP, version(2))
  return stage
}

const run = (stage: Stage): Promise<RefreshReport> =>
  refresh(stage.ports, { ...everything, onEvent: (event) => void stage.events.push(event) })

const phases = ({ events }: Stage): string[] => events.flatMap((event) => (event.type === 'phase' ? [event.phase] : []))

/** The only container, a minute later: whatever is still under way has ended by then. */
async function atRest(stage: Stage): Promise<{ name: string; status: string; policy: string }> {
  await stage.clock.sleep(60_000)
  const [only, ...others] = stage.model.containers()
  assert.deepEqual(
    others.map(({ name }) => name),
    [],
  )
  const policy = textAt(objectAt(objectAt(stage.model.inspect(only?.id ?? ''), 'HostConfig'), 'RestartPolicy'), 'Name')
  return { name: only?.name ?? '', status: only?.status ?? '', policy }
}

const WHOLE = { name: 'ws-1', status: 'running', policy: 'always' }

for (const profile of [...DOCKER, ...PODMAN]) {
  test(`${profile}: a stop that takes longer than asked is waited for, and the container moved`, async () => {
    const stage = await stageOf(profile, 25_000)
    const report = await run(stage)
    assert.equal(report.containers[0]?.outcome, 'replaced', report.containers[0]?.reason)
    assert.ok(phases(stage).includes('wait for stop'), phases(stage).join())
    assert.deepEqual(await atRest(stage), WHOLE)
  })

  test(`${profile}: a stop whose client is gone is waited for by the recovery`, async () => {
    const stage = await stageOf(profile, 25_000)
    const old = stage.container('ws-1')?.id
    const dead = await startProcess(stage.model, stage.clock, 'dead')
    stage.model.faults = ({ path }) =>
      path.endsWith('/stop') ? { kind: 'during', action: 'lose', run: () => dead.kill() } : undefined
    await Promise.race([refresh(dead.ports, everything), dead.killed])
    stage.model.faults = undefined
    const [one] = await recover({ ...stage.ports, gate: { stableFor: 1000 } })
    dead.bury()
    assert.equal(one?.outcome, 'rolled-back', one?.reason)
    assert.equal(stage.container('ws-1')?.id, old)
    assert.deepEqual(await atRest(stage), WHOLE)
  })
}

test('a stop that does not end is given up: the operation stays open, and is no fault of the image', async () => {
  const stage = await stageOf('28', 3_000_000)
  const report = await run(stage)
  const [line] = report.containers
  assert.equal(line?.outcome, 'failed')
  assert.equal(line?.code, 'IN_FLIGHT')
  assert.match(line?.reason ?? '', /dockline recover --name ws-1/)
  assert.equal(stage.names().length, 2)
  const open = await openOperations({ ...stage.ports })
  assert.deepEqual(
    open.map(({ names }) => names),
    [['ws-1']],
  )
  const tags = stage.model.images().flatMap((image) => image.tags)
  assert.deepEqual(
    tags.filter((tag) => tag.includes('quarantine')),
    [],
  )
})

test('a request to stop that never reached the engine is made again', async () => {
  const stage = await setStage({ containers: [ONE] })
  stage.model.publish(APP, version(2))
  let lost = 0
  stage.model.faults = ({ path }) =>
    path.endsWith('/stop') && lost++ === 0 ? { kind: 'before', action: 'lose' } : undefined
  const report = await run(stage)
  assert.equal(report.containers[0]?.outcome, 'replaced', report.containers[0]?.reason)
  assert.equal(lost, 2)
})

const AWAY = 20_000
const CHANGES = /^(?:POST|DELETE) \/containers\//

const RESTARTS = [
  { policy: 'always', how: {} },
  { policy: 'always', how: { crash: true } },
  { policy: 'always', how: { liveRestore: true } },
  { policy: 'no', how: {} },
  { policy: 'no', how: { crash: true } },
] as const

for (const { policy, how } of RESTARTS) {
  test(`policy "${policy}": an engine that restarts at any changing call is waited for (${JSON.stringify(how)})`, async () => {
    let points = 0
    for (let k = 1; k < 40; k++) {
      const stage = await setStage({ containers: [{ ...ONE, HostConfig: { RestartPolicy: { Name: policy } } }] })
      stage.model.publish(APP, version(2))
      let n = 0
      let at = ''
      stage.model.faults = ({ method, path }) => {
        if (!CHANGES.test(`${method} ${path}`) || ++n !== k) return undefined
        at = `${method} ${path}`
        return { kind: 'before', action: 'lose', run: () => stage.model.restart({ ...how, awayFor: AWAY }) }
      }
      const report = await run(stage)
      if (at === '') break
      points++
      const [line] = report.containers
      assert.equal(line?.outcome, 'replaced', `${at}: ${line?.reason}`)
      assert.deepEqual(await recover(stage.ports), [], at)
      assert.deepEqual(await atRest(stage), { ...WHOLE, policy }, at)
    }
    assert.ok(points >= 6, `${points} points`)
  })
}

test('an engine that stays away is given up after a while, and the reason names what is left', async () => {
  const stage = await setStage({ containers: [ONE] })
  stage.model.publish(APP, version(2))
  stage.model.faults = ({ path }) =>
    path.endsWith('/stop')
      ? { kind: 'after', action: 'lose', run: () => stage.model.restart({ awayFor: 3_600_000 }) }
      : undefined
  const begun = stage.clock.monotonic()
  const report = await run(stage)
  const [line] = report.containers
  assert.equal(line?.outcome, 'failed')
  assert.match(line?.reason ?? '', /dockline recover --name ws-1/)
  assert.ok(phases(stage).includes('wait for engine'))
  assert.ok(stage.clock.monotonic() - begun < 900_000)
})
