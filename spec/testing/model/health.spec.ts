import assert from 'node:assert/strict'
import { test } from 'node:test'

import { manualClock, type HealthBehaviour, type ManualClock } from '../../../lib/testing/model/index.ts'
import { APP, lab, type Lab } from './engines.ts'

const SECOND = 1_000_000_000

async function probed(health: HealthBehaviour, check: object = {}): Promise<Lab & { clock: ManualClock }> {
  const clock = manualClock()
  const Healthcheck = { Test: ['CMD', '/probe'], Interval: SECOND, Retries: 2, ...check }
  const image = { config: { Cmd: ['/serve'], Healthcheck }, behaviour: { health } }
  return { clock, ...(await lab({ clock, images: { [APP]: image }, containers: [{ name: 'app', Image: APP }] })) }
}

async function course({ engine, clock }: Lab & { clock: ManualClock }, seconds: number): Promise<string> {
  const seen: string[] = []
  for (let second = 0; second < seconds; second++) {
    seen.push(engine.containers()[0]?.health?.[0] ?? '-')
    await clock.advance(1000)
  }
  return seen.join('')
}

test('health is starting until the first probe that is well', async () => {
  assert.equal(await course(await probed('healthy'), 4), 'shhh')
})

test('health is ill after as many failures in a row as there are retries', async () => {
  assert.equal(await course(await probed('unhealthy'), 5), 'ssuuu')
})

test('failures inside the start period do not count', async () => {
  const late = { StartPeriod: 3 * SECOND, StartInterval: SECOND }
  assert.equal(await course(await probed('unhealthy', late), 7), 'ssssuuu')
  assert.equal(await course(await probed({ healthyAfter: 2500 }, late), 5), 'ssshh')
})

test('one that fails now and then stays healthy, one that goes bad does not', async () => {
  assert.equal(await course(await probed('flapping'), 6), 'shhhhh')
  assert.equal(await course(await probed({ unhealthyAfter: 2500 }), 7), 'shhhuuu')
})

test('probes are told apart by their number, and the last five are kept', async () => {
  const { docker, clock } = await probed((probe) => probe !== 3)
  await clock.advance(8000)
  const { Health } = (await docker.containers.inspect('app')).State
  assert.equal(Health?.Log.length, 5)
  assert.equal(Health?.FailingStreak, 0)
})

test('a container without a health check has none', async () => {
  const { engine } = await lab({ containers: [{ name: 'app', Image: APP }] })
  assert.equal(engine.containers()[0]?.health, undefined)
})
