import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { connect, type Docker } from '../../lib/engine/connect.ts'
import { httpDaemon } from '../support/daemon.ts'

const ID = `sha256:${'a'.repeat(64)}`
const files = [{ name: 'Dockerfile', content: 'FROM scratch\n' }]

// What an engine that says these lines makes of a call.
async function answered<T>(lines: readonly unknown[], call: (docker: Docker) => PromiseLike<T>): Promise<T> {
  await using daemon = await httpDaemon((request, response) => {
    request.resume().on('end', () => response.end(lines.map((line) => `${JSON.stringify(line)}\r\n`).join('')))
  })
  await using docker = await connect({ host: daemon.host, apiVersion: '1.44' })
  return await call(docker)
}

const build = ({ images }: Docker) => images.build(files)

test('a build gives the id that the engine is sure of, whatever a step prints', async () => {
  const steps = [{ stream: 'deadbeefdeadbeef\n' }, { aux: { ID } }, { stream: 'Successfully built 0123456789ab\n' }]
  assert.deepEqual(await answered(steps, build), { id: ID })
  assert.deepEqual(await answered([{ stream: 'Successfully built 0123456789ab\n' }], build), { id: '0123456789ab' })
})

test('a failing step fails the build, with its words', async () => {
  const lines = [{ stream: 'Step 1' }, { errorDetail: { code: 1, message: 'returned 1' }, error: 'returned 1' }]
  await assert.rejects(
    answered(lines, build),
    (error) => hasCode(error, 'STREAM_FAILED') && error.words === 'returned 1',
  )
})

test('a stream that ends without a result was cut', async () => {
  const calls: ((docker: Docker) => PromiseLike<unknown>)[] = [
    build,
    ({ images }) => images.import(files),
    ({ images }) => images.load(files),
  ]
  for (const call of calls)
    await assert.rejects(answered([{ status: 'working' }], call), (error) => hasCode(error, 'STREAM_FAILED'))
})

test('import, load and push give what they came to', async () => {
  assert.deepEqual(await answered([{ status: ID }], ({ images }) => images.import(files)), { id: ID })
  const load = [{ stream: 'Loaded image: a:1\n' }, { stream: 'Loaded image: b:1\n' }]
  assert.deepEqual(await answered(load, ({ images }) => images.load(files)), { images: ['a:1', 'b:1'] })
  const push = [{ status: 'Pushed' }, { aux: { Tag: '1', Digest: ID, Size: 1 } }]
  assert.deepEqual(await answered(push, ({ images }) => images.push('a:1')), { tag: '1', digest: ID, size: 1 })
})

test('a platform that is none is refused before anything is sent', async () => {
  for (const platform of ['linux', 'linux/', '/arm64', 'linux/arm/v7/x', 'linux/arm/'])
    await assert.rejects(
      answered([], ({ images }) => Promise.resolve().then(() => images.push('a', { platform }))),
      (error) => hasCode(error, 'INPUT_INVALID'),
    )
})
