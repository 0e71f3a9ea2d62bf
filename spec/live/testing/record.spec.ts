import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { connect } from '../../../lib/engine/connect.ts'
import { chaosProxy, loadExchanges, record, recordCommand, replay } from '../../../lib/testing/index.ts'
import { PLANTED, PLANTED_MASK, plantSecrets, plantedIn } from '../../support/planted-secrets.ts'
import { ask } from '../../support/raw-http.ts'

const IMAGE = 'testing-live:v1'
const RUN = `echo hello | docker run --rm -i --network none --name testing-live -e API_TOKEN=live-c4n4ry ${IMAGE} /bin/busybox cat`
const target = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock'

before(async () => {
  await using docker = await connect({ host: target })
  const tar = spawnSync('tar', ['-c', '-C', '/', 'bin/busybox'], { maxBuffer: 16 << 20 }).stdout
  assert.ok(docker.endpoint.kind === 'unix')
  const query = `fromSrc=-&repo=${IMAGE.replace(':', '&tag=')}`
  const { status } = await ask(docker.endpoint.socketPath, `POST /v1.41/images/create?${query}`, tar)
  assert.equal(status, 200)
})

after(async () => {
  await using docker = await connect({ host: target })
  await docker.images.remove(IMAGE, { force: true })
})

test('the docker CLI is recorded with its hijacked streams, and says the same over the replay', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-live-'))
  try {
    const out = join(dir, 'out')
    const { exitCode, file } = await recordCommand({ target, dir, command: ['sh', '-c', `${RUN} > ${out}`] })
    assert.equal(exitCode, 0)
    assert.equal(spawnSync('cat', [out], { encoding: 'utf8' }).stdout, 'hello\n')
    const exchanges = await loadExchanges(file)
    const attach = exchanges.find(({ request }) => request.path.endsWith('/attach'))
    assert.equal(
      attach?.upgrade?.find(({ from }) => from === 'client')?.data,
      Buffer.from('hello\n').toString('base64'),
    )
    assert.ok(!JSON.stringify(exchanges).includes('live-c4n4ry'))

    await using served = await replay(exchanges, { chunkSize: 1 })
    const child = spawn('sh', ['-c', RUN], { env: { ...process.env, DOCKER_HOST: served.host } })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    assert.deepEqual(await once(child, 'close'), [0, null])
    assert.equal(said, 'hello\n')
    served.verify()
  } finally {
    await rm(dir, { recursive: true })
  }
})

test('of a session with 30 planted secrets none is in the recording', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-live-'))
  try {
    const recorder = await record({ target, dir, mask: PLANTED_MASK })
    await using docker = await connect({ host: recorder.host })
    await plantSecrets(docker, IMAGE, 'testing-planted')
    await recorder.close()
    assert.deepEqual(await plantedIn(recorder.file), [])
    // Each was said: the engine answers most of them too.
    const masked = Object.values(recorder.masked).reduce((sum, n) => sum + n, 0)
    assert.ok(masked >= PLANTED.length, `${masked} masked`)
  } finally {
    await rm(dir, { recursive: true })
  }
})

test('a lost reply of a real engine leaves the effect behind', async () => {
  await using proxy = await chaosProxy({ target, schedule: 'POST /volumes/create: 1*reset-after' })
  await using docker = await connect({ host: proxy.host })
  await assert.rejects(docker.volumes.create({ Name: 'testing-lost' }), { code: 'CONNECTION_LOST' })
  assert.equal((await docker.volumes.inspect('testing-lost')).Name, 'testing-lost')
  await docker.volumes.remove('testing-lost')
})
