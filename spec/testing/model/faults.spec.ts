import assert from 'node:assert/strict'
import { test } from 'node:test'

import { connect, hasCode } from '../../../lib/index.ts'
import type { Fault } from '../../../lib/testing/model/index.ts'
import { APP, lab } from './engines.ts'

const failStop = (fault: Fault) => (call: { path: string }) => (call.path.endsWith('/stop') ? fault : undefined)

for (const { action, code } of [
  { action: 'lose', code: 'CONNECTION_LOST' },
  { action: 'error', code: 'ENGINE_ERROR' },
] as const) {
  test(`a call that fails with "${action}" before the work leaves the container as it was`, async () => {
    const { engine, docker } = await lab({ containers: [{ name: 'app', Image: APP }] })
    engine.faults = failStop({ kind: 'before', action })
    await assert.rejects(docker.containers.stop('app'), (error) => hasCode(error, code))
    assert.equal(engine.containers()[0]?.status, 'running')
  })

  test(`a call that fails with "${action}" after the work has had its effect`, async () => {
    const { engine, docker } = await lab({ containers: [{ name: 'app', Image: APP }] })
    engine.faults = failStop({ kind: 'after', action })
    await assert.rejects(docker.containers.stop('app'), (error) => hasCode(error, code))
    assert.equal(engine.containers()[0]?.status, 'exited')
  })
}

test('a fault may kill its client, and knows the number of the call', async () => {
  const seen: number[] = []
  const { docker } = await lab({
    faults: ({ n, method }) =>
      method === 'DELETE' ? { kind: 'after', action: 'lose', run: () => seen.push(n) } : undefined,
    containers: [{ name: 'app', Image: APP }],
  })
  await assert.rejects(docker.containers.remove('app', { force: true }))
  assert.deepEqual(seen, [2])
})

test('a pull whose stream is cut brings no image', async () => {
  const { engine, docker } = await lab()
  engine.publish('ghcr.io/acme/other:1', { config: { Cmd: ['/x'] } })
  engine.faults = ({ path }) => (path === '/images/create' ? { kind: 'after', action: 'cut' } : undefined)
  await assert.rejects(
    async () => docker.images.pull('ghcr.io/acme/other:1'),
    (error) => hasCode(error, 'CONNECTION_LOST'),
  )
  assert.equal(engine.images().length, 1)
})

test('a fault breaks real connections too', async () => {
  const { engine } = await lab({ containers: [{ name: 'app', Image: APP }] })
  await using listening = await engine.listen()
  await using docker = await connect({ host: listening.host })
  engine.faults = failStop({ kind: 'after', action: 'lose' })
  await assert.rejects(docker.containers.stop('app'), (error) => hasCode(error, 'CONNECTION_LOST'))
  assert.equal(engine.containers()[0]?.status, 'exited')
  engine.faults = ({ path }) => (path.endsWith('/json') ? { kind: 'after', action: 'cut' } : undefined)
  await assert.rejects(docker.containers.inspect('app'), (error) => hasCode(error, 'CONNECTION_LOST'))
})
