import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Docker } from '../../../lib/engine/connect.ts'
import type { AuditEntry, JobRecord } from '../../../lib/server/index.ts'
import { chaosProxy } from '../../../lib/testing/chaos.ts'
import { dockerConfig } from '../support/cli.ts'
import { curlRefresh, type Curled } from '../support/curl.ts'
import { hostOf, liveEngine, removeContainers, removeImages } from '../support/engine.ts'
import { FOREVER, pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'
import { LIVE_TOKEN, startService, type LiveService } from '../support/service.ts'

const PREFIX = 'server-ws-'
// Engines remember by its id which image was rolled back, so every run has images of its own.
const RUN = randomUUID()
const NAMES = ['1', '2'].map((n) => PREFIX + n)
const REFRESH = '/admin/workspace-images/refresh'

let docker: Docker
let registry: LiveRegistry
let image: string
let login: ReturnType<typeof dockerConfig>
let dir: string
let env: Record<string, string>
let service: LiveService

const release = (version: string, Cmd: readonly string[] = FOREVER): Promise<string> =>
  pushImage(registry, 'acme/served', 'latest', { Cmd, Labels: { version, run: RUN } })
const versions = (): Promise<string[]> =>
  Promise.all(NAMES.map(async (name) => (await docker.containers.inspect(name)).Config.Labels['version'] ?? ''))
const args = (): string[] => ['--image', image, '--name-prefix', PREFIX, '--stable-for', '1']

before(async () => {
  docker = await liveEngine()
  registry = await startRegistry()
  image = `${registry.host}/acme/served:latest`
  login = dockerConfig(registry, registry.password)
  dir = mkdtempSync(path.join(tmpdir(), 'serve-'))
  env = { DOCKER_HOST: hostOf(docker), DOCKER_CONFIG: login.dir, DOCKLINE_AUDIT_FILE: path.join(dir, 'audit') }
  await removeContainers(docker, PREFIX)
  await release('v1')
  await docker.images.pull(image, { auth: { username: registry.user, password: registry.password } })
  for (const name of NAMES) {
    await docker.containers.create({ Image: image }, { name })
    await docker.containers.start(name)
  }
  service = await startService(args(), env)
})

after(async () => {
  await service.stop()
  await removeContainers(docker, PREFIX)
  await removeImages(docker, RUN)
  login[Symbol.dispose]()
  rmSync(dir, { recursive: true, force: true })
  await registry[Symbol.asyncDispose]()
  await docker.close()
})

const curl = (t: TestContext, query = '', { to = service, token = LIVE_TOKEN } = {}): Promise<Curled> =>
  curlRefresh(t, to, { query, token })

test('200: the release of a pipeline reaches its containers', async (t) => {
  await release('v2')
  const { status, body } = await curl(t)
  assert.equal(status, 200)
  assert.deepEqual([body.pulled, body.failed, body.recreated.toSorted()], [[image], [], NAMES])
  assert.deepEqual(await versions(), ['v2', 'v2'])
})

test('200: again, and nothing moves', async (t) => {
  const { status, body } = await curl(t, `?runtime=${encodeURIComponent(image)}`)
  assert.equal(status, 200)
  assert.deepEqual(body.recreated, [])
})

test('207: a release that does not run is rolled back, with the reason', async (t) => {
  await release('v3', ['/bin/false'])
  const { status, body } = await curl(t)
  assert.equal(status, 207)
  const { recreated, containers } = body
  assert.deepEqual(recreated, [])
  assert.deepEqual(containers.map(({ outcome }) => outcome).toSorted(), ['rolled-back', 'skipped'])
  assert.deepEqual(await versions(), ['v2', 'v2'])
})

test('400, 401, 405: what is refused is refused at once', async (t) => {
  const bad = await curl(t, '?recreate=TRUE')
  assert.equal(bad.status, 400)
  assert.deepEqual(bad.body.known_runtimes, [image])
  assert.equal((await curl(t, '?runtime=nobody')).status, 400)
  assert.equal((await curl(t, '', { token: 'wrong' })).status, 401)
  assert.equal((await service.ask('GET', REFRESH)).status, 405)
})

test('409, and join: while a refresh runs a second one is refused, or waits for it', async (t) => {
  await release('v4')
  const first = service.ask('POST', `${REFRESH}?wait=false`)
  const { id } = (await (await first).json()) as JobRecord
  const [refused, joined] = await Promise.all([curl(t), curl(t, '?join=true')])
  assert.equal(refused.status, 409)
  assert.equal(refused.body.job, id)
  assert.equal(joined.status, 200)
  assert.deepEqual(joined.body.recreated.toSorted(), NAMES)
  assert.deepEqual(await versions(), ['v4', 'v4'])
})

test('100 calls at once make one refresh', async (t) => {
  const jobs = async (): Promise<JobRecord[]> =>
    ((await (await service.ask('GET', '/admin/jobs')).json()) as { jobs: JobRecord[] }).jobs
  const before = (await jobs()).length
  await release('v4', [...FOREVER, 'again'])
  const answers = await Promise.all(Array.from({ length: 100 }, () => service.ask('POST', REFRESH)))
  const count = (wanted: number): number => answers.filter(({ status }) => status === wanted).length
  t.diagnostic(
    `100 calls: ${count(200)} answered 200, ${count(409)} answered 409, ${(await jobs()).length - before} job`,
  )
  assert.deepEqual([count(200), count(409), (await jobs()).length - before], [1, 99, 1])
})

test('a client that leaves in the middle changes nothing: the work is done, and the record says that it left', async (t) => {
  await release('v5')
  const leaving = new AbortController()
  const call = fetch(`http://${service.address}${REFRESH}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${LIVE_TOKEN}`, accept: 'text/event-stream' },
    signal: leaving.signal,
  })
  const id = (await call).headers.get('dockline-job')
  leaving.abort()
  const events = await (await service.ask('GET', `/admin/jobs/${id}`, { accept: 'application/x-ndjson' })).text()
  const { job } = JSON.parse(events.trim().split('\n').at(-1) as string) as { job: JobRecord }
  t.diagnostic(JSON.stringify({ status: job.status, clientLeft: job.clientLeft, recreated: job.report?.recreated }))
  assert.deepEqual([job.status, job.clientLeft, job.report?.recreated.toSorted()], [200, true, NAMES])
  assert.deepEqual(await versions(), ['v5', 'v5'])
})

test('502: every pull failed; 503: the engine is away', async (t) => {
  const wrong = dockerConfig(registry, 'not-the-password')
  await using proxy = await chaosProxy({ target: hostOf(docker) })
  const other = await startService(args(), { ...env, DOCKER_CONFIG: wrong.dir, DOCKER_HOST: proxy.host })
  try {
    const failed = await curl(t, '', { to: other })
    assert.equal(failed.status, 502)
    assert.deepEqual(failed.body.failed, [image])
    assert.equal((await other.ask('GET', '/healthz')).status, 200)
    await proxy.close()
    const away = await curl(t, '', { to: other })
    assert.equal(away.status, 503)
    assert.equal(away.body.code, 'ENGINE_UNREACHABLE')
    for (let tries = 0; tries < 50 && (await other.ask('GET', '/healthz')).status !== 503; tries++) await sleep(200)
    assert.equal((await other.ask('GET', '/healthz')).status, 503, 'and whoever looks at its health sees it')
  } finally {
    await other.stop()
    wrong[Symbol.dispose]()
  }
})

test('SIGTERM while a container is replaced: it ends at a safe point with 503, and after the next start the world is whole', async (t) => {
  await release('v6')
  await using proxy = await chaosProxy({
    target: hostOf(docker),
    schedule: 'POST /containers/[^/]+/start: 1*run-after(stop)',
    actions: { stop: () => void stopping.running.child.kill('SIGTERM') },
  })
  const stopping = await startService(args(), { ...env, DOCKER_HOST: proxy.host })
  const { status, body } = await curl(t, '', { to: stopping })
  assert.equal(status, 503)
  const { interrupted, recreated } = body
  assert.deepEqual([interrupted, recreated], [true, []])
  assert.equal((await stopping.running.ended).code, 0)
  assert.deepEqual(await versions(), ['v5', 'v5'], 'it went back')
  assert.deepEqual(await strays(), [])

  const next = await startService([...args(), '--recover'], env)
  try {
    assert.equal((await curl(t, '', { to: next })).status, 200)
    assert.deepEqual(await versions(), ['v6', 'v6'])
    assert.deepEqual(await strays(), [])
  } finally {
    await next.stop()
  }
})

test('killed in the middle, the next start recovers before it listens', async () => {
  await release('v7')
  await using proxy = await chaosProxy({
    target: hostOf(docker),
    schedule: 'POST /containers/[^/]+/stop: 1*run-after(kill)',
    actions: {
      kill: async () => {
        killed.running.child.kill('SIGKILL')
        await killed.running.ended
      },
    },
  })
  const killed = await startService(args(), { ...env, DOCKER_HOST: proxy.host })
  await assert.rejects(killed.ask('POST', REFRESH))
  const next = await startService([...args(), '--recover'], env)
  try {
    assert.deepEqual(await strays(), [])
    assert.deepEqual(await versions(), ['v6', 'v6'])
    for (const name of NAMES) assert.equal((await docker.containers.inspect(name)).State.Running, true)
  } finally {
    await next.stop()
  }
})

test('the audit file has every refresh with token, digests and outcome; no log has a secret', async () => {
  const lines = readFileSync(path.join(dir, 'audit'), 'utf8').trim().split('\n')
  const entries = lines.map((line) => JSON.parse(line) as AuditEntry)
  const ended = entries.filter(({ event }) => event === 'ended')
  assert.ok(ended.length >= 6)
  assert.deepEqual(new Set(entries.map(({ by }) => by)), new Set(['admin']))
  const first = ended.find(({ status }) => status === 200)
  assert.match(String(first?.images?.[0]?.digest), /^sha256:/)
  assert.deepEqual(
    first?.containers?.map(({ outcome }) => outcome),
    ['replaced', 'replaced'],
  )
  const { stderr, stdout } = await service.stop()
  for (const text of [stderr, stdout, lines.join('\n')])
    for (const secret of [LIVE_TOKEN, registry.password, Buffer.from(LIVE_TOKEN).toString('base64')])
      assert.ok(!text.includes(secret))
})

/** Containers that only a replacement in progress should have. */
async function strays(): Promise<string[]> {
  const all = await docker.containers.list({ all: true })
  return all
    .flatMap(({ Names }) => Names)
    .filter((name) => name.startsWith(`/${PREFIX}`) && name.includes('.dockline-'))
}
