import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { connect } from '../../lib/engine/connect.ts'
import { httpDaemon, type Daemon } from '../support/daemon.ts'

const DIGEST = `sha256:${'d'.repeat(64)}`
const CONFIG = `sha256:${'c'.repeat(64)}`
const STREAM = `{"status":"Digest: ${DIGEST}"}\n{"status":"Status: Downloaded newer image for a/b:c"}\n`

interface Store {
  readonly version: string
  readonly id: string
  /** The architecture that an inspect tells: the one that is asked for, or of the host. */
  readonly inspects: (asked: string | undefined) => string | undefined
}

interface Engine {
  readonly daemon: Daemon
  /** `platform` of each pull. */
  readonly asked: (string | null)[]
}

async function engineWith({ version, id, inspects }: Store): Promise<Engine> {
  const asked: (string | null)[] = []
  const daemon = await httpDaemon((request, response) => {
    if (request.url === '/_ping') {
      response.writeHead(200, { 'Api-Version': version }).end('OK')
      return
    }
    const url = new URL(`http://x${request.url}`)
    const platform = url.searchParams.get('platform')
    if (request.method === 'POST') {
      asked.push(platform)
      response.end(STREAM)
      return
    }
    const wanted = platform === null ? undefined : (JSON.parse(platform) as { architecture: string }).architecture
    const architecture = inspects(wanted)
    if (architecture === undefined) response.writeHead(404).end()
    else
      response.end(JSON.stringify({ Id: id, Os: 'linux', Architecture: architecture, RepoDigests: [`a/b@${DIGEST}`] }))
  })
  return { daemon, asked }
}

const ALIASES = ['linux/amd64', 'linux/x86_64', 'linux/x86-64', 'Linux/AMD64', 'linux/amd64/v1']

for (const alias of ALIASES) {
  test(`${alias} is the platform linux/amd64`, async () => {
    const { daemon, asked } = await engineWith({ version: '1.41', id: CONFIG, inspects: () => 'amd64' })
    await using _ = daemon
    await using docker = await connect({ host: daemon.host })
    assert.equal((await docker.images.pull('a/b:c', { platform: alias })).id, CONFIG)
    assert.deepEqual(asked, ['linux/amd64'])
  })
}

test('linux/aarch64 is linux/arm64, and a variant that is not the usual one stays', async () => {
  const { daemon, asked } = await engineWith({ version: '1.41', id: DIGEST, inspects: () => 'arm64' })
  await using _ = daemon
  await using docker = await connect({ host: daemon.host })
  for (const platform of ['linux/aarch64', 'linux/arm64/v8', 'linux/arm/7', 'linux/armhf'])
    await docker.images.pull('a/b:c', { platform })
  assert.deepEqual(asked, ['linux/arm64', 'linux/arm64', 'linux/arm/v7', 'linux/arm/v7'])
})

test('a second platform beside that of the host is found by an inspect of it', async () => {
  const { daemon } = await engineWith({ version: '1.51', id: DIGEST, inspects: (wanted) => wanted ?? 'amd64' })
  await using _ = daemon
  await using docker = await connect({ host: daemon.host })
  assert.equal((await docker.images.pull('a/b:c', { platform: 'linux/arm64' })).id, DIGEST)
})

test('below API 1.49 the id of the containerd store tells that the pull is whole', async () => {
  const { daemon } = await engineWith({ version: '1.45', id: DIGEST, inspects: () => 'amd64' })
  await using _ = daemon
  await using docker = await connect({ host: daemon.host })
  assert.equal((await docker.images.pull('a/b:c', { platform: 'linux/arm64' })).id, DIGEST)
})

test('another platform than the one asked for is NO_PLATFORM', async () => {
  const stores: readonly Store[] = [
    { version: '1.41', id: CONFIG, inspects: () => 'amd64' },
    { version: '1.51', id: CONFIG, inspects: (wanted) => (wanted === undefined ? 'amd64' : undefined) },
    { version: '1.51', id: DIGEST, inspects: (wanted) => (wanted === undefined ? 'amd64' : undefined) },
  ]
  for (const store of stores) {
    const { daemon } = await engineWith(store)
    await using _ = daemon
    await using docker = await connect({ host: daemon.host })
    const pull = docker.images.pull('a/b:c', { platform: 'linux/arm64' })
    await assert.rejects(Promise.resolve(pull), (error) => hasCode(error, 'NO_PLATFORM'))
  }
})
