// What the model makes of a create body, as dockerd 20.10, 26.1, 28.5 and podman 5.8 were seen to do it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { objectAt, type JsonObject } from '../../../lib/base/json.ts'
import type { ProfileName } from '../../../lib/testing/model/index.ts'
import { APP, lab } from './engines.ts'

const DOCKER: readonly ProfileName[] = ['20.10', '26', '28', '28-containerd', '29', '29-containerd']

async function made(
  profile: ProfileName,
  body: JsonObject,
  image: JsonObject = {},
  start = false,
): Promise<JsonObject> {
  const { engine, docker } = await lab({ profile, images: { [APP]: { config: { Cmd: ['/serve'], ...image } } } })
  await docker.containers.create({ ...body, Image: APP }, { name: 'app' })
  if (start) await docker.containers.start('app')
  return engine.inspect('app')
}

for (const profile of DOCKER) {
  test(`${profile}: an empty environment or set of volumes is the image's, null or empty as that is`, async () => {
    const asked = await made(profile, { Env: [], Volumes: {} })
    assert.equal(objectAt(asked, 'Config')['Env'], null)
    assert.equal(objectAt(asked, 'Config')['Volumes'], null)
    const inherited = await made(profile, {}, { Volumes: {} })
    assert.deepEqual(objectAt(inherited, 'Config')['Volumes'], {})
  })

  test(`${profile}: where the machine's IPC or PID namespace is shared, labels are off unless somebody said otherwise`, async () => {
    const options = async (HostConfig: JsonObject): Promise<unknown> =>
      objectAt(await made(profile, { HostConfig }), 'HostConfig')['SecurityOpt']
    assert.deepEqual(await options({ IpcMode: 'host' }), ['label=disable'])
    assert.deepEqual(await options({ PidMode: 'host', SecurityOpt: ['no-new-privileges'] }), [
      'no-new-privileges',
      'label=disable',
    ])
    assert.deepEqual(await options({ Privileged: true, SecurityOpt: ['label=type:x'] }), ['label=type:x'])
    assert.equal(await options({}), null)
  })

  test(`${profile}: no log configuration is the engine's, and swap beyond 64 bits wraps around as in Go`, async () => {
    const { LogConfig, MemorySwap } = objectAt(
      await made(profile, { HostConfig: { LogConfig: null, Memory: 4_611_686_018_427_387_904n } }),
      'HostConfig',
    )
    assert.deepEqual(LogConfig, { Type: 'json-file', Config: {} })
    assert.equal(MemorySwap, -9_223_372_036_854_775_808n)
  })

  test(`${profile}: a port that is bound and not exposed is not published, nor any without a network of one's own`, async () => {
    const PortBindings = { '80/tcp': [{ HostPort: '8080' }], '81/tcp': [{ HostPort: '8081' }] }
    const ports = async (HostConfig: JsonObject): Promise<string[]> => {
      const inspect = await made(profile, { ExposedPorts: { '80/tcp': {} }, HostConfig }, {}, true)
      return Object.keys(objectAt(objectAt(inspect, 'NetworkSettings'), 'Ports'))
    }
    assert.deepEqual(await ports({ PortBindings }), ['80/tcp'])
    assert.deepEqual(await ports({ NetworkMode: 'none', PortBindings }), [])
    assert.deepEqual(await ports({ NetworkMode: 'host', PortBindings }), [])
  })
}

const CHECK = { Test: ['CMD', 'image'], Interval: 1e9, Retries: 1 }

test('podman: a health check is the image’s or that of the request, each whole and with its defaults', async () => {
  const check = async (body: JsonObject): Promise<unknown> =>
    objectAt(await made('podman', body, { Healthcheck: CHECK }), 'Config')['Healthcheck']
  assert.deepEqual(await check({}), { ...CHECK, Timeout: 30e9 })
  assert.deepEqual(await check({ Healthcheck: { Test: ['CMD', 'own'] } }), {
    Test: ['CMD', 'own'],
    Interval: 30e9,
    Timeout: 30e9,
    Retries: 3,
  })
  await assert.rejects(check({ Healthcheck: { Retries: 7 } }), /must define a healthcheck command/)
})

test('podman: only its own inspect of an image tells the health check, and only podman has it', async () => {
  const { docker } = await lab({
    profile: 'podman',
    images: { [APP]: { config: { Cmd: ['/serve'], Healthcheck: CHECK } } },
  })
  assert.equal((await docker.images.inspect(APP)).Config.Healthcheck, undefined)
  assert.deepEqual(await docker.images.libpodHealthcheck(APP), CHECK)
  await assert.rejects(docker.images.libpodHealthcheck('acme/none'), { code: 'NOT_FOUND' })
  const other = await lab({ profile: '28' })
  await assert.rejects(other.docker.images.libpodHealthcheck(APP), { code: 'NOT_FOUND' })
})

test('podman: volumes are shown among the binds, with what they are mounted by', async () => {
  const HostConfig = { Binds: ['kept:/kept:ro', '/srv:/srv', '/etc/hostname:/x:ro'] }
  const { Binds } = objectAt(await made('podman', { HostConfig }), 'HostConfig')
  assert.deepEqual(Binds, [
    'kept:/kept:ro,rprivate,nosuid,nodev,rbind',
    '/srv:/srv:rprivate,rbind',
    '/etc/hostname:/x:ro,rprivate,rbind',
  ])
})

test('podman: without a network of its own a container binds no port', async () => {
  for (const NetworkMode of ['none', 'host']) {
    const HostConfig = { NetworkMode, PublishAllPorts: true, PortBindings: { '81/tcp': [{ HostPort: '8081' }] } }
    const inspect = await made('podman', { ExposedPorts: { '80/tcp': {} }, HostConfig })
    assert.deepEqual(objectAt(inspect, 'HostConfig')['PortBindings'], {})
  }
})
