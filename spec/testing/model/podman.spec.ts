import assert from 'node:assert/strict'
import { test } from 'node:test'

import { DockerError, type Docker } from '../../../lib/index.ts'
import type { ProfileName } from '../../../lib/testing/model/index.ts'
import { APP, V1, lab } from './engines.ts'

const PODMANS = ['podman-4', 'podman', 'podman-6'] as const satisfies ProfileName[]

async function onEach<T>(look: (docker: Docker) => Promise<T>): Promise<T[]> {
  const seen: T[] = []
  for (const profile of PODMANS) {
    const { docker } = await lab({ profile, containers: [{ name: 'app', Image: APP }] })
    seen.push(await look(docker))
  }
  return seen
}

async function statusOf(call: Promise<unknown>): Promise<number | undefined> {
  try {
    await call
    return 200
  } catch (error) {
    if (error instanceof DockerError) return error.status
    throw error
  }
}

/** The status of a refusal by podman 4, 5 and 6. */
function statuses(call: (docker: Docker) => Promise<unknown>): Promise<(number | undefined)[]> {
  return onEach((docker) => statusOf(call(docker)))
}

test('podman 4 has no update of containers, whether there is one or not', async () => {
  const never = { RestartPolicy: { Name: 'no' } }
  assert.deepEqual(await statuses((docker) => docker.containers.update('app', never)), [404, 200, 200])
  assert.deepEqual(await statuses((docker) => docker.containers.update('nobody', never)), [404, 404, 404])
})

test('a name that is taken is a conflict for a create of podman 6 only, and for a rename of podman 4 only', async () => {
  assert.deepEqual(
    await statuses((docker) => docker.containers.create({ Image: APP }, { name: 'app' })),
    [500, 500, 409],
  )
  const rename = async (docker: Docker): Promise<unknown> => {
    await docker.containers.create({ Image: APP }, { name: 'other' })
    return docker.containers.rename('other', 'app')
  }
  assert.deepEqual(await statuses(rename), [409, 500, 500])
})

test('what later podmans call a conflict is a failure for podman 4', async () => {
  const kill = async (docker: Docker): Promise<unknown> => {
    await docker.containers.stop('app')
    return docker.containers.kill('app')
  }
  assert.deepEqual(await statuses(kill), [500, 409, 409])
  const network = async (docker: Docker): Promise<unknown> => {
    await docker.networks.create({ Name: 'front' })
    return docker.networks.create({ Name: 'front' })
  }
  assert.deepEqual(await statuses(network), [500, 409, 409])
  const connect = async (docker: Docker): Promise<unknown> => {
    await docker.networks.create({ Name: 'front' })
    await docker.networks.connect('front', { Container: 'app' })
    return docker.networks.connect('front', { Container: 'app' })
  }
  assert.deepEqual(await statuses(connect), [500, 403, 403])
})

test('podman 4 shows a restart policy as it was asked, an empty one too', async () => {
  const policy = async (docker: Docker): Promise<unknown> =>
    (await docker.containers.inspect('app')).HostConfig.RestartPolicy?.Name
  assert.deepEqual(await onEach(policy), ['', 'no', 'no'])
})

test('podman 4 does not tell in a container why it could not start', async () => {
  const error = async (docker: Docker): Promise<boolean> => {
    await docker.containers.start('app')
    return (await docker.containers.inspect('app')).State.Error !== ''
  }
  assert.deepEqual(await onEach(error), [false, true, true])
})

test('podman 4 names no address for a port on every one, and shows exposed ports as bound to nothing', async () => {
  const ports = async (docker: Docker): Promise<unknown> => {
    const { Id } = await docker.containers.create({
      Image: APP,
      ExposedPorts: { '80/tcp': {}, '81/tcp': {} },
      HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } },
    })
    await docker.containers.start(Id)
    const { HostConfig, NetworkSettings } = await docker.containers.inspect(Id)
    const rows = (await docker.containers.list()).flatMap(({ Ports }) => Ports ?? [])
    const row = rows.find(({ PublicPort }) => PublicPort === 8080)
    assert.ok(row !== undefined)
    return [HostConfig.PortBindings, NetworkSettings.Ports, row.IP ?? 'none']
  }
  const later = [{ HostIp: '0.0.0.0', HostPort: '8080' }]
  const four = { '80/tcp': [{ HostIp: '', HostPort: '8080' }], '81/tcp': null }
  const [of4, ...others] = await onEach(ports)
  assert.deepEqual(of4, [four, four, 'none'])
  for (const other of others)
    assert.deepEqual(other, [{ '80/tcp': later }, { '80/tcp': later, '81/tcp': null }, '0.0.0.0'])
})

test('podman publishes no port for a binding to nothing', async () => {
  const published = async (docker: Docker): Promise<unknown> => {
    const HostConfig = { PortBindings: { '83/tcp': null, '84/tcp': [] } }
    const { Id } = await docker.containers.create({ Image: APP, HostConfig })
    return (await docker.containers.inspect(Id)).NetworkSettings.Ports
  }
  assert.deepEqual(await onEach(published), [{}, {}, {}])
})

test('podman 4 kills a container that names no time to stop, and shows that time as none', async () => {
  const stopped = async (docker: Docker): Promise<unknown> => {
    const { Id } = await docker.containers.create({ Image: 'acme/slow:1' })
    await docker.containers.start(Id)
    await docker.containers.stop(Id)
    const { Config, State } = await docker.containers.inspect(Id)
    return [Config.StopTimeout, State.ExitCode]
  }
  const seen: unknown[] = []
  for (const profile of PODMANS) {
    const slow = { config: { Cmd: ['/slow'] }, behaviour: { stopsAfter: 2000, stopCode: 7 } }
    const { docker } = await lab({ profile, images: { 'acme/slow:1': slow } })
    seen.push(await stopped(docker))
  }
  assert.deepEqual(seen, [
    [0, 137],
    [10, 7],
    [10, 7],
  ])
})

test('podman adds to the environment what the container does not name itself', async () => {
  const env = async (docker: Docker, Env: string[]): Promise<unknown> => {
    const { Id } = await docker.containers.create({ Image: APP, Env })
    return (await docker.containers.inspect(Id)).Config.Env?.toSorted()
  }
  assert.deepEqual(await onEach((docker) => env(docker, [])), [
    ['TERM=xterm', 'VERSION=1', 'container=podman'],
    ['VERSION=1', 'container=podman'],
    ['VERSION=1', 'container=podman'],
  ])
  const [own] = await onEach((docker) => env(docker, ['TERM=dumb', 'container=mine']))
  assert.deepEqual(own, ['TERM=dumb', 'VERSION=1', 'container=mine'])
})

test('health is empty on podman 4 without a check, and starting on podman 6 before the first start', async () => {
  const health = async (docker: Docker, check: object): Promise<unknown> => {
    const { Id } = await docker.containers.create({ Image: APP, ...check })
    return (await docker.containers.inspect(Id)).State.Health?.Status
  }
  assert.deepEqual(await onEach((docker) => health(docker, {})), ['', undefined, undefined])
  const check = { Healthcheck: { Test: ['CMD', '/check'] } }
  assert.deepEqual(await onEach((docker) => health(docker, check)), ['', undefined, 'starting'])
})

test('podman takes a container on several networks at any API version', async () => {
  for (const profile of [...PODMANS, '28'] as const) {
    const { engine, docker } = await lab({ profile })
    for (const Name of ['front', 'back']) await docker.networks.create({ Name })
    const body = JSON.stringify({
      Image: APP,
      HostConfig: { NetworkMode: 'front' },
      NetworkingConfig: { EndpointsConfig: { front: {}, back: {} } },
    })
    const { status } = await engine.transport().request({
      method: 'POST',
      path: '/v1.41/containers/create',
      headers: { 'Content-Type': 'application/json' },
      body,
      headersTimeout: 0,
      idleTimeout: 0,
    })
    assert.equal(status, profile === '28' ? 400 : 201, profile)
  }
})

test('podman 4 tells in the stream of a 200 what its registry refused', async () => {
  for (const [profile, status] of [
    ['podman-4', 200],
    ['podman', 404],
    ['podman-6', 404],
  ] as const) {
    const { engine } = await lab({ profile, images: { [APP]: V1 } })
    const { status: seen, body } = await engine.transport().request({
      method: 'POST',
      path: '/images/create?fromImage=ghcr.io/acme/app&tag=none',
      headers: {},
      body: undefined,
      headersTimeout: 0,
      idleTimeout: 0,
    })
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    assert.equal(seen, status)
    if (status === 200) {
      const { error } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { error: string }
      assert.equal(
        error,
        'initializing source docker://ghcr.io/acme/app:none: reading manifest none in ghcr.io/acme/app: manifest unknown: manifest unknown',
      )
    }
  }
})

test('a platform that an index does not have is a failure in the stream of podman 4', async () => {
  const only = { manifests: [{ ...V1, architecture: 's390x' }] }
  const { engine, docker } = await lab({ profile: 'podman-4' })
  engine.publish('ghcr.io/acme/other:1', only)
  await assert.rejects(async () => docker.images.pull('ghcr.io/acme/other:1'), /no image found in image index/)
  assert.equal(engine.images().length, 1)
})
