// What a failure says of an image, who goes first, what follows no registry, and what is left over, on a real engine.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'

import type { Docker } from '../../../lib/engine/connect.ts'
import type { ContainerReport, RefreshReport } from '../../../lib/refresh/report.ts'
import { chaosProxy } from '../../../lib/testing/chaos.ts'
import { dockerConfig, reportOf, startCli } from '../support/cli.ts'
import { hostOf, liveEngine, removeContainers } from '../support/engine.ts'
import { FOREVER, pushImage } from '../support/image.ts'
import { profileOf, type Profile } from '../support/profile.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'
import { IDLE } from './fidelity-cases.ts'

// What a run rolls back is quarantined, so no two runs may share an image.
const RUN = `${process.pid}-${Date.now()}`
const PREFIX = 'blamed-'

let docker: Docker
let profile: Profile
let registry: LiveRegistry
let login: ReturnType<typeof dockerConfig>
const refOf = (name: string): string => `${registry.host}/acme/${name}:latest`

before(async () => {
  docker = await liveEngine()
  profile = await profileOf(docker)
  registry = await startRegistry()
  login = dockerConfig(registry, registry.password)
})

beforeEach(() => removeContainers(docker, PREFIX))

after(async () => {
  await removeContainers(docker, PREFIX)
  for (const { Id, RepoTags } of await docker.images.list({ all: true, filters: { label: [`run=${RUN}`] } })) {
    for (const tag of RepoTags) await docker.images.remove(tag, { force: true }).catch(() => {})
    await docker.images.remove(Id, { force: true }).catch(() => {})
  }
  login[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
  await docker.close()
})

let releases = 0
/** Pushes the next release of an image, which ends at once when it is told to. */
const release = (name: string, Cmd: readonly string[] = FOREVER, extra: object = {}): Promise<string> =>
  pushImage(registry, `acme/${name}`, 'latest', {
    Cmd,
    Labels: { run: RUN, release: String(++releases) },
    ...extra,
  })
const pull = (name: string): Promise<{ id: string }> =>
  docker.images.pull(refOf(name), { auth: { username: registry.user, password: registry.password } }).then((one) => one)

async function run(name: string, Image: string, body: object = {}): Promise<string> {
  const { Id } = await docker.containers.create({ Image, ...body }, { name: PREFIX + name })
  await docker.containers.start(Id)
  return Id
}

const start = (...args: string[]) =>
  startCli(['refresh', '--name-prefix', PREFIX, '--stable-for', '2', '--json', ...args], {
    DOCKER_HOST: hostOf(docker),
    DOCKER_CONFIG: login.dir,
  })
const refresh = async (...args: string[]): Promise<RefreshReport> => reportOf(await start(...args).ended)
const told = ({ containers }: RefreshReport, name: string): ContainerReport | undefined =>
  containers.find((one) => one.name === PREFIX + name)
const causesOf = ({ containers }: RefreshReport): Record<string, string> =>
  Object.fromEntries(containers.map(({ name, outcome, cause }) => [name.slice(PREFIX.length), cause ?? outcome]))
const marks = async (): Promise<number> =>
  (await docker.images.list({ filters: { label: [`run=${RUN}`] } })).flatMap(({ RepoTags }) =>
    RepoTags.filter((tag) => tag.includes('dockline-quarantine:')),
  ).length

/** Waits until the new container of this name runs. */
async function started(name: string, old: string): Promise<string> {
  for (let look = 0; look < 300; look++) {
    const seen = await docker.containers.inspect(PREFIX + name).catch(() => undefined)
    if (seen !== undefined && seen.Id !== old && seen.State.Running) return seen.Id
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${name} was not replaced`)
}

test('an image whose container exits by itself is quarantined, and its cause is a code', async () => {
  await release('exits')
  await pull('exits')
  await run('1', refOf('exits'))
  await release('exits', ['/bin/sh', '-c', 'exit 3'])
  const before = await marks()
  assert.equal(told(await refresh(), '1')?.cause, 'exited')
  assert.equal(await marks(), before + 1)
  assert.equal(told(await refresh(), '1')?.cause, 'rolled-back-before')
})

// A removal by force is a kill first, and may be seen in between.
for (const [what, causes, act] of [
  ['stops', ['stopped'], (id: string) => docker.containers.stop(id)],
  ['kills', ['stopped'], (id: string) => docker.containers.kill(id)],
  ['removes by force', ['removed', 'stopped'], (id: string) => docker.containers.remove(id, { force: true })],
] as const) {
  test(`an image whose new container a user ${what} is not quarantined`, async () => {
    await release('taken')
    await pull('taken')
    const old = await run('1', refOf('taken'))
    await release('taken')
    const before = await marks()
    const running = start()
    await act(await started('1', old))
    const report = reportOf(await running.ended)
    const { cause = '', reason } = told(report, '1') as ContainerReport
    assert.ok((causes as readonly string[]).includes(cause), `${cause}: ${reason}`)
    assert.equal(await marks(), before)
    assert.equal((await docker.containers.inspect(old)).State.Running, true)
  })
}

test('a port that somebody took meanwhile is not held against the image', async () => {
  const HostPort = '28697'
  const ports = { '8000/tcp': [{ HostIp: '127.0.0.1', HostPort }] }
  await release('port')
  await pull('port')
  await run('1', refOf('port'), { ExposedPorts: { '8000/tcp': {} }, HostConfig: { PortBindings: ports } })
  await release('port')
  const before = await marks()
  // Somebody has the port from the moment in which the old container has let it go until the new one was refused.
  const server = createServer()
  let starts = 0
  await using proxy = await chaosProxy({
    target: hostOf(docker),
    onCall: async (_, { path }, when) => {
      if (!path.endsWith('/start')) return
      if (when === 'before' && starts++ === 0) await listen(server, Number(HostPort))
      else if (when === 'after' && server.listening) await new Promise((resolve) => server.close(resolve))
    },
  })
  const report = reportOf(
    await startCli(['refresh', '--name-prefix', PREFIX, '--stable-for', '2', '--json'], {
      DOCKER_HOST: proxy.host,
      DOCKER_CONFIG: login.dir,
    }).ended,
  )
  assert.equal(told(report, '1')?.cause, 'port-taken', told(report, '1')?.reason)
  assert.equal(await marks(), before)
})

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
}

test('a canary that its own command keeps from running starves nobody', async () => {
  await release('canary')
  await pull('canary')
  // What the first one runs is no longer in the new image.
  const own = {
    Cmd: ['/bin/sh', '-c', '[ "$VERSION" != new ] || exit 2; trap "exit 0" TERM; while :; do sleep 0.1; done'],
  }
  const checked = { Healthcheck: { Test: ['CMD', '/bin/true'], Interval: 500_000_000, Retries: 1 } }
  await run('own', refOf('canary'), { ...own, ...checked })
  for (const name of ['a', 'b']) await run(name, refOf('canary'))
  await release('canary', FOREVER, { Env: ['PATH=/bin', 'VERSION=new'] })
  const report = await refresh()
  assert.deepEqual(causesOf(report), { own: 'exited', a: 'replaced', b: 'replaced' })
  assert.deepEqual(causesOf(await refresh()), { own: 'rolled-back-before', a: 'current', b: 'current' })
})

test('another repository that has the same image is not quarantined with it', async () => {
  const failing = ['/bin/sh', '-c', 'exit 3']
  for (const name of ['app', 'mirror']) await release(name)
  for (const name of ['app', 'mirror']) await pull(name)
  await run('1', refOf('app'))
  await run('2', refOf('mirror'))
  const shared = { Cmd: failing, Labels: { run: RUN, release: 'shared' } }
  for (const name of ['app', 'mirror']) await pushImage(registry, `acme/${name}`, 'latest', shared)
  assert.equal(told(await refresh('--image', refOf('app')), '1')?.cause, 'exited')
  assert.equal(told(await refresh('--image', refOf('mirror')), '2')?.cause, 'exited')
})

test('containers that were made from an image id are pinned, one line each', async () => {
  await release('id')
  const { id } = await pull('id')
  const hex = id.replace('sha256:', '')
  // podman shows the name that the image had when the container was made.
  const spellings = profile.podman ? [] : [id, hex, hex.slice(0, 12), `sha256:${hex.slice(0, 12)}`]
  for (const [i, Image] of spellings.entries()) await run(String(i), Image)
  await release('id')
  const { images, containers } = await refresh()
  assert.deepEqual(
    containers.map(({ cause }) => cause),
    spellings.map(() => 'pinned'),
  )
  assert.deepEqual(images, [])
})

test('an image that was built here is followed where no registry knows it, and with --no-pull', async () => {
  const [old, next, last] = ['old', 'next', 'last'] as const
  const ids = new Map<string, string>()
  for (const name of [old, next, last]) {
    await release(name)
    ids.set(name, (await pull(name)).id)
  }
  const built = `${registry.host}/never/pushed-${RUN}`
  await docker.images.tag(ids.get(old) as string, { repo: built, tag: 'latest' })
  await run('1', `${built}:latest`)
  await docker.images.tag(ids.get(next) as string, { repo: built, tag: 'latest' })
  const followed = await refresh()
  assert.equal(told(followed, '1')?.outcome, 'replaced', JSON.stringify(followed.images))
  assert.equal(followed.images[0]?.outcome, 'local')
  await docker.images.tag(ids.get(last) as string, { repo: built, tag: 'latest' })
  const asked = await refresh('--no-pull')
  assert.equal(told(asked, '1')?.outcome, 'replaced')
  assert.equal((await docker.containers.inspect(`${PREFIX}1`)).Image, ids.get(last))
})

test('a compose chain over two images is moved one after the other', async () => {
  const label = (service: string, needs: string): object => ({
    Labels: {
      'com.docker.compose.project': PREFIX,
      'com.docker.compose.service': service,
      'com.docker.compose.depends_on': needs === '' ? '' : `${needs}:service_started:false`,
    },
  })
  for (const name of ['front', 'back']) await release(name)
  for (const name of ['front', 'back']) await pull(name)
  await run('web', refOf('front'), label('web', 'cache'))
  await run('cache', refOf('back'), label('cache', 'db'))
  await run('db', refOf('front'), label('db', ''))
  for (const name of ['front', 'back']) await release(name)
  const report = await refresh()
  assert.equal(report.recreated.length, 3, JSON.stringify(report.containers))
  const times = await Promise.all(
    ['db', 'cache', 'web'].map(async (name) => {
      const { Created, State } = await docker.containers.inspect(PREFIX + name)
      return { created: Date.parse(Created), started: Date.parse(State.StartedAt) }
    }),
  )
  for (const [i, { created }] of times.slice(1).entries())
    assert.ok(created - (times[i]?.started ?? 0) >= 1900, 'it did not wait for the gate of what it needs')
})

test('--cleanup removes what lost its tag, on every image store, and keeps the newest', async () => {
  const ids: string[] = []
  await release('cleaned', IDLE)
  ids.push((await pull('cleaned')).id)
  await run('1', refOf('cleaned'))
  for (let n = 0; n < 3; n++) {
    await release('cleaned', IDLE)
    const { images } = await refresh('--cleanup', 'keep=1')
    ids.push(images[0]?.after ?? '')
  }
  const there = new Set((await docker.images.list({ all: true })).map(({ Id }) => Id))
  // All were made at one moment, so which of the old ones is kept is the engine's choice.
  assert.equal(ids.filter((id) => there.has(id)).length, 2)
  assert.ok(there.has(ids[3] as string))
})
