import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Docker } from '../../../lib/engine/connect.ts'
import type { RefreshReport } from '../../../lib/refresh/report.ts'
import type { AuditEntry, Failure, JobRecord } from '../../../lib/server/index.ts'
import { chaosProxy } from '../../../lib/testing/chaos.ts'
import { dockerConfig } from '../support/cli.ts'
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
const report = async (response: Response): Promise<RefreshReport> => (await response.json()) as RefreshReport
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

test('200: the release of a pipeline reaches its containers', async () => {
  await release('v2')
  const response = await service.ask('POST', REFRESH)
  const text = await response.text()
  assert.equal(response.status, 200, text)
  const { pulled, failed, recreated } = JSON.parse(text) as RefreshReport
  assert.deepEqual([pulled, failed, recreated.toSorted()], [[image], [], NAMES])
  assert.deepEqual(await versions(), ['v2', 'v2'])
})

test('200: again, and nothing moves', async () => {
  const response = await service.ask('POST', `${REFRESH}?runtime=${encodeURIComponent(image)}`)
  assert.equal(response.status, 200)
  assert.deepEqual((await report(response)).recreated, [])
})

test('207: a release that does not run is rolled back, with the reason', async () => {
  await release('v3', ['/bin/false'])
  const response = await service.ask('POST', REFRESH)
  assert.equal(response.status, 207)
  const { recreated, containers } = await report(response)
  assert.deepEqual(recreated, [])
  assert.deepEqual(containers.map(({ outcome }) => outcome).toSorted(), ['rolled-back', 'skipped'])
  assert.deepEqual(await versions(), ['v2', 'v2'])
})

test('400, 401, 405: what is refused is refused at once', async () => {
  const bad = await service.ask('POST', `${REFRESH}?recreate=TRUE`)
  assert.equal(bad.status, 400)
  assert.deepEqual(((await bad.json()) as Failure).known_runtimes, [image])
  assert.equal((await service.ask('POST', REFRESH, { authorization: 'Bearer wrong' })).status, 401)
  assert.equal((await service.ask('GET', REFRESH)).status, 405)
})

test('409, and join: while a refresh runs a second one is refused, or waits for it', async () => {
  await release('v4')
  const first = service.ask('POST', `${REFRESH}?wait=false`)
  const { id } = (await (await first).json()) as JobRecord
  const [refused, joined] = await Promise.all([
    service.ask('POST', REFRESH),
    service.ask('POST', `${REFRESH}?join=true`),
  ])
  assert.equal(refused.status, 409)
  assert.equal(((await refused.json()) as Failure).job, id)
  assert.equal(joined.status, 200)
  assert.equal(joined.headers.get('dockline-job'), id)
  assert.deepEqual((await report(joined)).recreated.toSorted(), NAMES)
  assert.deepEqual(await versions(), ['v4', 'v4'])
})

test('a client that leaves in the middle changes nothing: the work is done, and the record says that it left', async () => {
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
  assert.deepEqual([job.status, job.clientLeft, job.report?.recreated.toSorted()], [200, true, NAMES])
  assert.deepEqual(await versions(), ['v5', 'v5'])
})

test('502: every pull failed; 503: the engine is away', async () => {
  const wrong = dockerConfig(registry, 'not-the-password')
  await using proxy = await chaosProxy({ target: hostOf(docker) })
  const other = await startService(args(), { ...env, DOCKER_CONFIG: wrong.dir, DOCKER_HOST: proxy.host })
  try {
    const response = await other.ask('POST', REFRESH)
    assert.equal(response.status, 502)
    assert.deepEqual((await report(response)).failed, [image])
    assert.equal((await other.ask('GET', '/healthz')).status, 200)
    await proxy.close()
    const away = await other.ask('POST', REFRESH)
    assert.equal(away.status, 503)
    assert.equal(((await away.json()) as Failure).code, 'ENGINE_UNREACHABLE')
  } finally {
    await other.stop()
    wrong[Symbol.dispose]()
  }
})

test('SIGTERM while a container is replaced: it ends at a safe point with 503, and after the next start the world is whole', async () => {
  await release('v6')
  await using proxy = await chaosProxy({
    target: hostOf(docker),
    schedule: 'POST /containers/[^/]+/start: 1*run-after(stop)',
    actions: { stop: () => void stopping.running.child.kill('SIGTERM') },
  })
  const stopping = await startService(args(), { ...env, DOCKER_HOST: proxy.host })
  const response = await stopping.ask('POST', REFRESH)
  assert.equal(response.status, 503)
  const { interrupted, recreated } = await report(response)
  assert.deepEqual([interrupted, recreated], [true, []])
  assert.equal((await stopping.running.ended).code, 0)
  assert.deepEqual(await versions(), ['v5', 'v5'], 'it went back')
  assert.deepEqual(await strays(), [])

  const next = await startService([...args(), '--recover'], env)
  try {
    const whole = await next.ask('POST', REFRESH)
    assert.equal(whole.status, 200)
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

test('IMAGE_AUTO_REFRESH: a release is found without anybody asking, as a job like any other', async () => {
  await release('v8')
  const watching = await startService(args(), { ...env, IMAGE_AUTO_REFRESH: 'true' })
  try {
    const job = async (): Promise<JobRecord | undefined> => {
      const { jobs } = (await (await watching.ask('GET', '/admin/jobs')).json()) as { jobs: JobRecord[] }
      return jobs.find(({ state }) => state === 'ended')
    }
    for (let tries = 0; tries < 150 && (await job()) === undefined; tries++) await sleep(200)
    const ended = await job()
    assert.deepEqual([ended?.by, ended?.status, ended?.report?.recreated.toSorted()], ['watch', 200, NAMES])
    assert.deepEqual(await versions(), ['v8', 'v8'])
    assert.match(await (await watching.ask('GET', '/metrics')).text(), /^dockline_watch_lag_seconds \d/m)
  } finally {
    assert.equal((await watching.stop()).code, 0)
  }
})

test('the audit file has every refresh with token, digests and outcome; no log has a secret', async () => {
  const lines = readFileSync(path.join(dir, 'audit'), 'utf8').trim().split('\n')
  const entries = lines.map((line) => JSON.parse(line) as AuditEntry)
  const ended = entries.filter(({ event }) => event === 'ended')
  assert.ok(ended.length >= 6)
  assert.deepEqual(new Set(entries.map(({ by }) => by)), new Set(['admin', 'watch']))
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
