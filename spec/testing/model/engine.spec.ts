import assert from 'node:assert/strict'
import { test } from 'node:test'

import { connect } from '../../../lib/index.ts'
import { modelEngine } from '../../../lib/testing/model/index.ts'
import { APP, V1, V2, lab } from './engines.ts'

test('a container can be moved to a newer image by the calls of the replacement protocol', async () => {
  const { engine, docker } = await lab({ containers: [{ name: 'app', Image: APP }] })
  const old = engine.inspect('app')
  engine.publish(APP, V2)
  const pulled = await docker.images.pull(APP)
  assert.equal(pulled.changed, true)
  const { Id } = await docker.containers.create({ Image: APP }, { name: 'app.next' })
  await docker.containers.update('app', { RestartPolicy: { Name: 'no' } })
  assert.deepEqual(await docker.containers.stop('app'), { changed: true })
  await docker.containers.rename('app', 'app.prev')
  await docker.containers.rename('app.next', 'app')
  assert.deepEqual(await docker.containers.start('app'), { changed: true })
  await docker.containers.remove('app.prev')
  const [only, ...others] = engine.containers()
  assert.deepEqual(others, [])
  assert.equal(only?.id, Id)
  assert.equal(only?.status, 'running')
  assert.notEqual(only?.image, old['Image'])
  assert.deepEqual(only?.labels, { version: '2' })
})

test('an engine on a socket answers as one without', async () => {
  await using engine = modelEngine({ images: { [APP]: V1 }, containers: [{ name: 'app', Image: APP }] })
  await using listening = await engine.listen()
  await using docker = await connect({ host: listening.host, validate: 'strict' })
  assert.equal((await docker.containers.inspect('app')).State.Status, 'running')
  assert.equal((await docker.version()).ApiVersion, '1.51')
})

test('what an engine remembers can be put back', async () => {
  const { engine, docker } = await lab({ containers: [{ name: 'app', Image: APP }] })
  const before = engine.snapshot()
  await docker.containers.remove('app', { force: true })
  assert.deepEqual(engine.containers(), [])
  engine.restore(before)
  assert.equal(engine.containers()[0]?.status, 'running')
  await docker.containers.stop('app')
  engine.restore(before)
  assert.equal(engine.containers()[0]?.status, 'running')
})

test('equal runs give equal ids', async () => {
  const [one, other] = await Promise.all([lab(), lab()])
  const created = await Promise.all([one, other].map(({ docker }) => docker.containers.create({ Image: APP })))
  assert.equal(created[0]?.Id, created[1]?.Id)
})
