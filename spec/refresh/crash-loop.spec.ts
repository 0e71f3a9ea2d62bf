// A container that keeps crashing, met at every moment of its loop.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { refresh } from '../../lib/refresh/refresh.ts'
import type { ProfileName } from '../../lib/testing/model/index.ts'
import { APP, everything, setStage, version, withCalls, type Stage } from '../support/stage.ts'

const PROFILES = ['20.10', '28', 'podman-4', 'podman'] as const satisfies ProfileName[]
const ALWAYS = { RestartPolicy: { Name: 'always' } }
const CRASHES = { behaviour: { process: { exits: 3, after: 700 } } } as const

/** What became of it, when a refresh begins so many milliseconds after the start. */
async function refreshed(
  profile: ProfileName,
  after: number,
  next: object,
): Promise<{ stage: Stage; outcome: string }> {
  const containers = [{ name: 'ws-1', Image: APP, HostConfig: ALWAYS }]
  const stage = await setStage({ profile, images: { [APP]: version(1, CRASHES) }, containers })
  for (let waited = 0; waited < after; waited += 50) {
    await stage.clock.sleep(50)
    stage.model.containers() // time passes when the model is asked
  }
  stage.model.publish(APP, version(2, next))
  const report = await refresh(stage.ports, { ...everything, gate: { stableFor: 10_000 } })
  return { stage, outcome: report.containers[0]?.outcome ?? 'none' }
}

const MOMENTS = [0, 200, 650, ...Array.from({ length: 8 }, (_, i) => 3000 + i * 150)]

for (const profile of PROFILES) {
  test(`${profile}: the fixed image runs, whenever the loop is met`, async () => {
    for (const after of MOMENTS) {
      const { stage, outcome } = await refreshed(profile, after, {})
      await stage.clock.sleep(5000)
      assert.equal(outcome, 'replaced', `after ${after} ms`)
      assert.deepEqual(stage.names(), ['ws-1'])
      assert.equal(stage.container('ws-1')?.status, 'running', `after ${after} ms`)
      assert.equal(stage.container('ws-1')?.restartPolicy, 'always')
    }
  })

  test(`${profile}: an image that is not fixed comes to one outcome, whenever the loop is met`, async () => {
    const outcomes = new Set<string>()
    for (const after of MOMENTS) outcomes.add((await refreshed(profile, after, CRASHES)).outcome)
    assert.deepEqual([...outcomes], ['replaced'])
  })
}

test('a container that was stopped by hand is not taken for one that crashes', async () => {
  for (const profile of PROFILES) {
    const containers = [{ name: 'ws-1', Image: APP, HostConfig: ALWAYS }]
    const stage = await setStage({ profile, containers })
    await stage.docker.containers.stop('ws-1')
    stage.model.publish(APP, version(2))
    const report = await refresh(stage.ports, everything)
    assert.equal(report.containers[0]?.outcome, 'replaced')
    assert.equal(stage.container('ws-1')?.status, 'created')
  }
})

test('one that restarted long ago has to do without a restart, as before', async () => {
  for (const profile of PROFILES) {
    const once = { behaviour: { process: { exits: 3, after: 700, times: 1 } } } as const
    const containers = [{ name: 'ws-1', Image: APP, HostConfig: ALWAYS }]
    const stage = await setStage({ profile, images: { [APP]: version(1, once) }, containers })
    for (let i = 0; i < 40; i++) {
      await stage.clock.sleep(5000)
      stage.model.containers()
    }
    stage.model.publish(APP, version(2, CRASHES))
    const report = await refresh(stage.ports, { ...everything, gate: { stableFor: 10_000 } })
    assert.equal(report.containers[0]?.outcome, 'rolled-back')
    assert.equal(stage.container('ws-1')?.status, 'running')
  }
})

// Ends by itself just before the engine hears of the stop: podman says that it does not run, and starts it again.
async function crashedAtItsStop(profile: ProfileName, next: object): Promise<{ stage: Stage; outcome: string }> {
  const process = { exits: 3, after: 20_000 }
  const containers = [{ name: 'ws-1', Image: APP, HostConfig: ALWAYS }]
  const stage = await setStage({ profile, images: { [APP]: version(1, { behaviour: { process } }) }, containers })
  await stage.clock.sleep(19_900)
  stage.model.publish(APP, version(2, next))
  const { containers: calls } = stage.docker
  let stops = 0
  const stop = async (...given: Parameters<typeof calls.stop>): Promise<unknown> => {
    if (++stops === 1) await stage.clock.sleep(200)
    return calls.stop(...given)
  }
  const engine = withCalls(stage, { stop })
  const report = await refresh({ ...stage.ports, engine }, { ...everything, gate: { stableFor: 10_000 } })
  return { stage, outcome: report.containers[0]?.outcome ?? 'none' }
}

for (const profile of PROFILES) {
  test(`${profile}: a container that crashes at the moment of its stop stays down`, async () => {
    const { stage, outcome } = await crashedAtItsStop(profile, {})
    assert.equal(outcome, 'replaced')
    assert.deepEqual(stage.names(), ['ws-1'])
    assert.equal(stage.container('ws-1')?.status, 'running')
    const starts = stage.model.calls.filter(({ path }) => path.endsWith('/start')).length
    assert.equal(starts, 1)
  })
}

for (const profile of PROFILES) {
  test(`${profile}: two never run at once when a new image crashes under "always"`, async () => {
    const cases = [
      [50, 250],
      [300, 0],
      [300, 750],
    ] as const
    for (const [after, moment] of cases) {
      const containers = [{ name: 'ws-1', Image: APP, HostConfig: ALWAYS }]
      const stage = await setStage({ profile, containers })
      await stage.clock.sleep(60_000)
      stage.model.publish(APP, version(2, { behaviour: { process: { exits: 3, after } } }))
      let most = 0
      const { containers: calls } = stage.docker
      // Time passes after a call: what an engine restarts by itself it restarts meanwhile.
      const slow = (call: 'start' | 'rename', milliseconds: number) => async (id: string, name: never) => {
        const answer = await calls[call](id, name)
        for (let waited = 0; waited < milliseconds; waited += 50) {
          await stage.clock.sleep(50)
          most = Math.max(most, stage.model.containers().filter(({ status }) => status === 'running').length)
        }
        return answer
      }
      const engine = withCalls(stage, { start: slow('start', moment), rename: slow('rename', 700) })
      const report = await refresh({ ...stage.ports, engine }, { ...everything, gate: { stableFor: 10_000 } })
      assert.equal(report.containers[0]?.outcome, 'rolled-back', `after ${moment} ms`)
      assert.deepEqual(stage.names(), ['ws-1'])
      assert.equal(stage.container('ws-1')?.status, 'running')
      assert.ok(most <= 1, `after ${moment} ms`)
    }
  })
}
