import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'

import type { Docker } from '../../../lib/engine/connect.ts'
import { dockerConfig, reportOf, runCli } from '../support/cli.ts'
import { hostOf, liveEngine, removeContainers } from '../support/engine.ts'
import { FOREVER, pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'

// What a run rolls back is quarantined by its image, so no two runs may share one.
const RUN = `${process.pid}-${Date.now()}`
const PREFIX = 'group-of-'
const MAIN = `${PREFIX}main`
const SIDECAR = `${PREFIX}sidecar`
const DATABASE = `${PREFIX}database`

// Both end at once when they are told to.
const server = (version: string): string[] => [
  '/bin/sh',
  '-c',
  `trap "exit 0" TERM; echo main ${version} > /tmp/index.html; httpd -f -p 127.0.0.1:8000 -h /tmp & wait`,
]
const CALLER = [
  '/bin/sh',
  '-c',
  'trap "exit 0" TERM; while :; do wget -q -O - http://127.0.0.1:8000/index.html; sleep 0.2 & wait $!; done',
]

let docker: Docker
let registry: LiveRegistry
let login: ReturnType<typeof dockerConfig>
const image = (name: string): string => `${registry.host}/acme/${name}:latest`

before(async () => {
  docker = await liveEngine()
  registry = await startRegistry()
  login = dockerConfig(registry, registry.password)
})

beforeEach(() => removeContainers(docker, PREFIX))

after(async () => {
  await removeContainers(docker, PREFIX)
  login[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
  await docker.close()
})

let releases = 0
const release = (name: string, version: string, Cmd: readonly string[] = FOREVER): Promise<string> =>
  pushImage(registry, `acme/${name}`, 'latest', {
    Cmd,
    Labels: { version, run: RUN, release: String(++releases) }, // one that failed is not tried again
    ...(name === 'database' ? { Volumes: { '/data': {} } } : {}),
  })

async function run(name: string, imageName: string, HostConfig: object = {}): Promise<string> {
  await docker.images.pull(image(imageName), { auth: { username: registry.user, password: registry.password } })
  const { Id } = await docker.containers.create({ Image: image(imageName), HostConfig }, { name })
  await docker.containers.start(Id)
  return Id
}

const refresh = (...args: string[]) =>
  runCli(['refresh', ...args, '--stable-for', '0.5', '--json'], {
    DOCKER_HOST: hostOf(docker),
    DOCKER_CONFIG: login.dir,
  })

const versionOf = async (name: string): Promise<string | undefined> =>
  (await docker.containers.inspect(name)).Config.Labels['version']

/** The first that a container says. */
async function firstLine(name: string): Promise<string> {
  let text = ''
  for await (const { stream, data } of docker.containers.logs(name, { follow: true })) {
    if (stream === 'stdout') text += Buffer.from(data).toString()
    if (text.includes('\n')) break
  }
  return text.split('\n')[0] as string
}

test('a sidecar in the network of another container moves with it and reaches it', async () => {
  await release('main', 'v1', server('v1'))
  await release('sidecar', 'v1', CALLER)
  const id = await run(MAIN, 'main')
  const sidecar = await run(SIDECAR, 'sidecar', { NetworkMode: `container:${id}` })
  assert.equal(await firstLine(SIDECAR), 'main v1')
  await release('main', 'v2', server('v2'))

  const ran = await refresh('--image', image('main'), '--name-prefix', PREFIX)

  assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  assert.deepEqual(
    reportOf(ran).recreated.toSorted((a, b) => a.localeCompare(b)),
    [MAIN, SIDECAR],
  )
  assert.equal(await versionOf(MAIN), 'v2')
  const { Id } = await docker.containers.inspect(MAIN)
  const joined = await docker.containers.inspect(SIDECAR)
  assert.notEqual(joined.Id, sidecar)
  assert.equal(joined.HostConfig.NetworkMode, `container:${Id}`)
  assert.equal(joined.State.Running, true)
  assert.equal(await firstLine(SIDECAR), 'main v2')
  assert.equal(
    (await docker.containers.list({ all: true })).filter(({ Names }) =>
      Names.some((name) => name.includes('.dockline-')),
    ).length,
    0,
  )
})

test('when one of a group does not prove itself all of it is rolled back to the same containers', async () => {
  await release('main', 'v1')
  await release('sidecar', 'v1')
  const id = await run(MAIN, 'main')
  const sidecar = await run(SIDECAR, 'sidecar', { NetworkMode: `container:${id}` })
  await release('main', 'v2')
  await release('sidecar', 'v2', ['/bin/false'])

  const ran = await refresh('--name-prefix', PREFIX)

  assert.equal(ran.code, 1, ran.stdout + ran.stderr)
  assert.deepEqual(
    reportOf(ran).containers.map(({ outcome }) => outcome),
    ['rolled-back', 'rolled-back'],
  )
  assert.equal((await docker.containers.inspect(MAIN)).Id, id)
  assert.equal((await docker.containers.inspect(SIDECAR)).Id, sidecar)
  assert.equal((await docker.containers.inspect(SIDECAR)).State.Running, true)
})

test('a container whose sidecar is not selected is left alone with the reason', async () => {
  await release('main', 'v1')
  await release('sidecar', 'v1')
  const id = await run(MAIN, 'main')
  await run(SIDECAR, 'sidecar', { NetworkMode: `container:${id}` })
  await release('main', 'v2')

  const ran = await refresh('--name', MAIN)

  assert.equal(ran.code, 1, ran.stdout + ran.stderr)
  assert.match(reportOf(ran).containers[0]?.reason ?? '', /group-of-sidecar shares .* select it too/)
  assert.equal((await docker.containers.inspect(MAIN)).Id, id)
})

test('a borrower of volumes reads them after two refreshes, and names its lender as it was told to', async () => {
  const [lender, borrower] = [`${PREFIX}lender`, `${PREFIX}borrower`]
  const reads = ['/bin/sh', '-c', 'trap "exit 0" TERM; cat /data/row; while :; do sleep 0.1; done']
  const writes = ['/bin/sh', '-c', 'trap "exit 0" TERM; echo kept > /data/row; while :; do sleep 0.1; done']
  await release('database', 'v1', writes)
  await run(lender, 'database')
  await release('sidecar', 'v1', reads)
  await run(borrower, 'sidecar', { VolumesFrom: [`${lender}:ro`] })
  for (const version of ['v2', 'v3']) {
    await release('database', version, writes)
    await release('sidecar', version, reads)
    const ran = await refresh('--name-prefix', PREFIX)
    assert.equal(ran.code, 0, ran.stdout + ran.stderr)
    assert.equal(await versionOf(borrower), version)
    assert.deepEqual((await docker.containers.inspect(borrower)).HostConfig.VolumesFrom, [`${lender}:ro`])
    assert.equal(await firstLine(borrower), 'kept')
  }
})

test('the data of an anonymous volume is there after a refresh', async () => {
  await release('database', 'v1', [
    '/bin/sh',
    '-c',
    'trap "exit 0" TERM; [ -e /data/row ] || echo kept > /data/row; while :; do sleep 0.1; done',
  ])
  await run(DATABASE, 'database')
  const [before] = (await docker.containers.inspect(DATABASE)).Mounts
  await release('database', 'v2', ['/bin/sh', '-c', 'trap "exit 0" TERM; cat /data/row; while :; do sleep 0.1; done'])

  const ran = await refresh('--name', DATABASE)

  assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  const [after] = (await docker.containers.inspect(DATABASE)).Mounts
  assert.equal(after?.Name, before?.Name)
  let output = ''
  for await (const { data } of docker.containers.logs(DATABASE)) output += Buffer.from(data).toString()
  assert.equal(output.trim(), 'kept')
})

test('start-first overlaps where nothing forbids it, and says why where it cannot', async () => {
  await release('main', 'v1')
  await run(`${PREFIX}free`, 'main')
  await run(`${PREFIX}bound`, 'main', { Binds: ['/tmp:/shared'] })
  await release('main', 'v2')

  const ran = await refresh('--name-prefix', PREFIX, '--order', 'start-first')

  assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  const byName = new Map(reportOf(ran).containers.map((container) => [container.name, container]))
  assert.equal(byName.get(`${PREFIX}free`)?.downtimeMs, 0)
  assert.match(
    byName.get(`${PREFIX}bound`)?.warnings.join() ?? '',
    /start-first is not possible: it may write to what is mounted at \/shared/,
  )
  assert.equal(await versionOf(`${PREFIX}free`), 'v2')
  assert.equal(await versionOf(`${PREFIX}bound`), 'v2')
})
