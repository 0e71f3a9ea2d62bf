import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../../lib/index.ts'
import { manualClock, type Behaviour } from '../../../lib/testing/model/index.ts'
import { APP, lab, type Lab } from './engines.ts'

const running = (behaviour: Behaviour, clock = manualClock({ auto: true })): Promise<Lab> =>
  lab({
    clock,
    images: { [APP]: { config: { Cmd: ['/serve'] }, behaviour } },
    containers: [{ name: 'app', Image: APP }],
  })

test('a process that does not listen is killed after the grace period', async () => {
  const clock = manualClock({ auto: true })
  const { engine, docker } = await running({ stopsAfter: Infinity }, clock)
  const before = clock.monotonic()
  await docker.containers.stop('app', { t: 7 })
  assert.equal(clock.monotonic() - before, 7000)
  assert.equal(engine.containers()[0]?.exitCode, 137)
})

test('a process that needs a while to end gets it', async () => {
  const { engine, docker } = await running({ stopsAfter: 3000, stopCode: 5 })
  await docker.containers.stop('app')
  assert.equal(engine.containers()[0]?.exitCode, 5)
})

test('a wait answers when the container ends, whoever ends it', async () => {
  const { docker } = await running({ process: { exits: 4, after: 60_000 } })
  assert.equal((await docker.containers.wait('app')).StatusCode, 4)
})

test('what a container writes can be followed to its end', async () => {
  const { docker } = await running({ process: { exits: 0, after: 1000 }, stdout: ['one', 'two'], stderr: ['three'] })
  const seen: string[] = []
  for await (const { stream, data } of docker.containers.logs('app', { follow: true }))
    seen.push(`${stream}: ${Buffer.from(data).toString().trim()}`)
  assert.deepEqual(seen, ['stdout: one', 'stdout: two', 'stderr: three'])
})

test('a second removal while the first is under way is refused, and a third finds nothing', async () => {
  const clock = manualClock()
  const { engine, docker } = await running({ removesAfter: 1000 }, clock)
  await docker.containers.stop('app')
  const first = docker.containers.remove('app')
  await clock.advance(500)
  assert.equal(engine.containers()[0]?.status, 'removing')
  await assert.rejects(docker.containers.remove('app'), (error) => hasCode(error, 'CONFLICT'))
  await clock.advance(500)
  await first
  await assert.rejects(docker.containers.remove('app'), (error) => hasCode(error, 'NOT_FOUND'))
})

test('a signal that is not its own leaves the restart policy at work', async () => {
  const clock = manualClock()
  const image = { config: { Cmd: ['/serve'], StopSignal: 'SIGQUIT' } }
  const always = { HostConfig: { RestartPolicy: { Name: 'always' } } }
  const { engine, docker } = await lab({
    clock,
    images: { [APP]: image },
    containers: [{ name: 'app', Image: APP, ...always }],
  })
  await docker.containers.stop('app', { signal: 'SIGTERM' })
  await clock.advance(200)
  assert.equal(engine.containers()[0]?.status, 'running')
  await docker.containers.stop('app')
  await clock.advance(200)
  assert.equal(engine.containers()[0]?.status, 'exited')
})
