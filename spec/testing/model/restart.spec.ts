import assert from 'node:assert/strict'
import { test } from 'node:test'

import { manualClock } from '../../../lib/testing/model/index.ts'
import { APP, lab } from './engines.ts'

const seed = (name: string, policy: string, running = true) => ({
  name,
  Image: APP,
  running,
  HostConfig: { RestartPolicy: { Name: policy } },
})

test('an engine restart brings back what nobody stopped, and of the stopped ones those under "always"', async () => {
  const policies = ['no', 'on-failure', 'unless-stopped', 'always']
  const { engine, docker } = await lab({
    containers: policies.flatMap((policy) => [
      seed(`${policy}-ran`, policy),
      seed(`${policy}-stopped`, policy),
      seed(`${policy}-new`, policy, false),
    ]),
  })
  for (const policy of policies) await docker.containers.stop(`${policy}-stopped`)
  engine.restart()
  const running = engine.containers().filter(({ status }) => status === 'running')
  assert.deepEqual(
    running.map(({ name }) => name),
    ['unless-stopped-ran', 'always-ran', 'always-stopped'],
  )
})

test('"on-failure" brings back one that was killed, and "no" set on a stopped one keeps it down', async () => {
  const { engine, docker } = await lab({ containers: [seed('killed', 'on-failure'), seed('disarmed', 'always')] })
  await docker.containers.kill('killed')
  await docker.containers.stop('disarmed')
  await docker.containers.update('disarmed', { RestartPolicy: { Name: 'no' } })
  engine.restart()
  assert.deepEqual(
    engine.containers().map(({ name, status }) => [name, status]),
    [
      ['killed', 'running'],
      ['disarmed', 'exited'],
    ],
  )
})

test('a crash loop waits longer each time and counts its restarts', async () => {
  const clock = manualClock()
  const crashing = { config: { Cmd: ['/crash'] }, behaviour: { process: { exits: 3, after: 50 } } }
  const { engine } = await lab({
    clock,
    images: { 'acme/crash:1': crashing },
    containers: [
      { name: 'for-ever', Image: 'acme/crash:1', HostConfig: { RestartPolicy: { Name: 'always' } } },
      {
        name: 'twice',
        Image: 'acme/crash:1',
        HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
      },
    ],
  })
  await clock.advance(60)
  assert.deepEqual(
    engine.containers().map(({ status }) => status),
    ['restarting', 'restarting'],
  )
  await clock.advance(600)
  const [forEver, twice] = engine.containers()
  assert.equal(twice?.status, 'exited')
  assert.equal(twice?.restartCount, 2)
  assert.equal(twice?.exitCode, 3)
  assert.equal(forEver?.restartCount, 3)
})

test('a container of which nothing is to stay goes when it stops, with its anonymous volumes', async () => {
  const image = { config: { Cmd: ['/serve'], Volumes: { '/data': {} } } }
  const { engine, docker } = await lab({
    images: { [APP]: image },
    containers: [{ name: 'once', Image: APP, HostConfig: { AutoRemove: true, Binds: ['kept:/kept'] } }],
  })
  await docker.containers.stop('once')
  assert.deepEqual(engine.containers(), [])
  assert.deepEqual(
    (await docker.volumes.list()).Volumes.map(({ Name }) => Name),
    ['kept'],
  )
})
