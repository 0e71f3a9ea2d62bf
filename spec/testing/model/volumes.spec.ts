import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { JsonObject } from '../../../lib/base/json.ts'
import { APP, lab } from './engines.ts'

const IMAGE = { config: { Cmd: ['/serve'], Volumes: { '/data': {} } } }

test('an anonymous volume goes with its container when that is asked for, and only then', async () => {
  const { docker } = await lab({ images: { [APP]: IMAGE } })
  const count = async (): Promise<number> => (await docker.volumes.list()).Volumes.length
  await docker.containers.create({ Image: APP }, { name: 'one' })
  assert.equal(await count(), 1)
  await docker.containers.remove('one')
  assert.equal(await count(), 1)
  await docker.containers.create({ Image: APP }, { name: 'two' })
  await docker.containers.remove('two', { v: true })
  assert.equal(await count(), 1)
})

test('an anonymous volume that is carried over by name is the same volume, and outlives its new container', async () => {
  const { engine, docker } = await lab({ images: { [APP]: IMAGE }, containers: [{ name: 'old', Image: APP }] })
  const name = engine.containers()[0]?.volumes[0] ?? ''
  const Mounts = [{ Type: 'volume', Source: name, Target: '/data' }]
  await docker.containers.create({ Image: APP, HostConfig: { Mounts } }, { name: 'new' })
  assert.deepEqual(
    engine.containers().map(({ volumes }) => volumes),
    [[name], [name]],
  )
  await docker.containers.remove('old', { force: true, v: true })
  await docker.containers.remove('new', { v: true })
  assert.deepEqual(
    (await docker.volumes.list()).Volumes.map(({ Name }) => Name),
    [name],
  )
})

test('links are shown with the names of today', async () => {
  const { engine, docker } = await lab({ containers: [{ name: 'database', Image: APP }] })
  await docker.containers.create({ Image: APP, HostConfig: { Links: ['database:db'] } }, { name: 'app' })
  await docker.containers.rename('database', 'database.prev')
  const { Links } = engine.inspect('app')['HostConfig'] as JsonObject
  assert.deepEqual(Links, ['/database.prev:/app/db'])
})

test('a file that is copied to where a volume is mounted is in the volume, and outlives its container', async () => {
  const { docker } = await lab({ images: { [APP]: IMAGE } })
  const HostConfig = { Mounts: [{ Type: 'volume', Source: 'kept', Target: '/configs' }] }
  await docker.containers.create({ Image: APP, HostConfig }, { name: 'one' })
  await docker.containers.putArchive('one', { path: '/configs' }, [{ name: 'sub/a', content: 'x' }])
  await docker.containers.remove('one')
  await docker.containers.create({ Image: APP, HostConfig }, { name: 'two' })
  assert.equal((await docker.containers.archiveInfo('two', { path: '/configs/sub/a' })).size, 1)
  await docker.containers.create({ Image: APP }, { name: 'three' })
  await assert.rejects(docker.containers.archiveInfo('three', { path: '/configs/sub/a' }), { code: 'NOT_FOUND' })
  await docker.containers.remove('two')
  await docker.volumes.remove('kept')
  await docker.containers.create({ Image: APP, HostConfig }, { name: 'four' })
  await assert.rejects(docker.containers.archiveInfo('four', { path: '/configs/sub/a' }), { code: 'NOT_FOUND' })
})
