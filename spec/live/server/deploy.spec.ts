// The examples of the README that operators copy: each is read from there and put to use.
import assert from 'node:assert/strict'
import { spawn, execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { parse } from 'yaml'

import type { Docker } from '../../../lib/engine/connect.ts'
import type { JobRecord } from '../../../lib/server/index.ts'
import { hostOf, liveEngine, removeContainers, removeImages } from '../support/engine.ts'
import { FOREVER, pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'
import { LIVE_TOKEN, startService, type LiveService } from '../support/service.ts'
import { profileOf } from '../support/profile.ts'
import { socketFilter, type SocketFilter } from '../support/socket-filter.ts'
import { dockerConfig } from '../support/cli.ts'

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>
}
interface ComposeService {
  readonly command: readonly string[]
  readonly user: string
  readonly [setting: string]: unknown
}

const README = readFileSync('README.md', 'utf8')
const PREFIX = 'server-deploy-'
const RUN = randomUUID()
const NAMES = ['1', '2'].map((n) => PREFIX + n)
const USER = 65_532
// Read-only root, nobody's user, no capability, no way to more of any.
const CONFINED = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  'mount -o remount,bind,ro / && exec setpriv --reuid=65532 --regid=65532 --clear-groups --no-new-privs --bounding-set=-all -- "$@"',
  'sh',
]

let docker: Docker
let registry: LiveRegistry
let image: string
let login: ReturnType<typeof dockerConfig>
let dir: string
let filter: SocketFilter
let env: Record<string, string>
let args: string[]
let service: LiveService

// What the README says to add for podman.
function withPodman(flag: string): string {
  const of = (expression: RegExp): string =>
    expression.exec(README)?.[1] ?? assert.fail(`${expression} is not in README`)
  const [containers, images] = [of(/`(libpod\/containers[^`]+)`/), of(/`(libpod\/images[^`]+)`/)]
  if (flag.startsWith('-allowGET=')) return flag.replace(/\)\)$/, `|${containers}|${images}))`)
  if (flag.startsWith('-allowHEAD=')) return `-allowHEAD=(/_ping|${of(/`([^`]+archive)` to `HEAD`/)})`
  return flag
}

/** The code block of the README that holds `mark`. */
function example(language: string, mark: string): string {
  const blocks = [...README.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text)
  const found = blocks.filter((text) => text.includes(mark))
  assert.equal(found.length, 1, `${found.length} examples with ${mark}`)
  return found[0] as string
}

const compose = parse(example('yaml', '# compose.yaml')) as Compose
const release = (version: string, Cmd: readonly string[] = FOREVER): Promise<string> =>
  pushImage(registry, 'acme/deployed', 'latest', { Cmd, Labels: { version, run: RUN } })
const versions = (): Promise<string[]> =>
  Promise.all(NAMES.map(async (name) => (await docker.containers.inspect(name)).Config.Labels['version'] ?? ''))

before(async () => {
  docker = await liveEngine()
  registry = await startRegistry()
  image = `${registry.host}/acme/deployed:latest`
  login = dockerConfig(registry, registry.password)
  dir = mkdtempSync(path.join(tmpdir(), 'deploy-'))
  const token = path.join(dir, 'admin_token')
  writeFileSync(token, LIVE_TOKEN, { mode: 0o600 })
  for (const file of [dir, token, login.dir, path.join(login.dir, 'config.json')]) chownSync(file, USER, USER)
  await removeContainers(docker, PREFIX)
  await release('v1')
  await docker.images.pull(image, { auth: { username: registry.user, password: registry.password } })
  for (const name of NAMES) {
    await docker.containers.create({ Image: image, HostConfig: { RestartPolicy: { Name: 'always' } } }, { name })
    await docker.containers.start(name)
  }
  const { podman } = await profileOf(docker)
  const flags = compose.services['socket-proxy']?.command ?? []
  filter = await socketFilter(hostOf(docker), podman ? flags.map(withPodman) : flags)
  env = { DOCKER_HOST: filter.host, DOCKER_CONFIG: login.dir, ADMIN_TOKEN: '', ADMIN_TOKEN_FILE: token }
  args = ['--recover', '--image', image, '--name-prefix', PREFIX, '--stable-for', '1']
  service = await startService(args, env, CONFINED)
})

after(async () => {
  await service.stop()
  await filter[Symbol.asyncDispose]()
  await removeContainers(docker, PREFIX)
  await removeImages(docker, RUN)
  login[Symbol.dispose]()
  rmSync(dir, { recursive: true, force: true })
  await registry[Symbol.asyncDispose]()
  await docker.close()
})

test('the compose file is one to compose, and every service of it has as little as it needs', () => {
  const project = path.join(dir, 'project')
  mkdirSync(path.join(project, 'secrets'), { recursive: true })
  writeFileSync(path.join(project, 'compose.yaml'), example('yaml', '# compose.yaml'))
  for (const name of ['admin_token', 'ghcr_token']) writeFileSync(path.join(project, 'secrets', name), 'x')
  const args = ['-f', path.join(project, 'compose.yaml'), 'config']
  const config = execFileSync('docker-compose', args, { env: { ...process.env, DOCKER_GID: '999' }, encoding: 'utf8' })
  const { services } = parse(config) as Compose
  assert.deepEqual(Object.keys(services).toSorted(), ['dockline', 'socket-proxy'])
  for (const [name, { user, read_only, cap_drop, security_opt, mem_limit, pids_limit }] of Object.entries(services)) {
    assert.deepEqual(
      [read_only, cap_drop, security_opt, pids_limit],
      [true, ['ALL'], ['no-new-privileges:true'], 64],
      name,
    )
    assert.match(user, /^655\d\d:\d+$/)
    assert.ok(mem_limit !== undefined)
  }
  assert.throws(() => execFileSync('docker-compose', args, { stdio: 'ignore' }), 'without DOCKER_GID it is refused')
})

test('the unit is one to systemd, which finds little that it may do', (t) => {
  const unit = path.join(dir, 'dockline.service')
  writeFileSync(unit, example('ini', 'dockline.service').replace('/usr/local/bin/dockline', process.execPath))
  const said = execFileSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
  assert.equal(said, '')
  const judged = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], {
    encoding: 'utf8',
  })
  const exposure = Number(/Overall exposure level for .*: ([\d.]+)/.exec(judged)?.[1])
  t.diagnostic(`systemd: exposure ${exposure} of 10`)
  assert.ok(exposure < 3, judged)
})

test('behind the filter, as nobody on a read-only root: refresh, roll back, plan and page work', async (t) => {
  const status = readFileSync(`/proc/${service.running.child.pid}/status`, 'utf8')
  for (const line of [/^Uid:\s+65532/m, /^CapEff:\s+0+$/m, /^CapBnd:\s+0+$/m, /^NoNewPrivs:\s+1$/m])
    assert.match(status, line)
  assert.equal(readFileSync(`/proc/${service.running.child.pid}/mounts`, 'utf8').match(/ \/ \S+ rw/), null)

  await release('v2')
  const moved = await service.ask('POST', '/admin/workspace-images/refresh')
  assert.equal(moved.status, 200, await moved.text())
  assert.deepEqual(await versions(), ['v2', 'v2'])
  await release('v3', ['/bin/false'])
  assert.equal((await service.ask('POST', '/admin/workspace-images/refresh')).status, 207)
  assert.deepEqual(await versions(), ['v2', 'v2'])
  const plan = await service.ask('POST', '/admin/workspace-images/refresh?dryRun=true')
  assert.equal(plan.status, 207)
  assert.match(await plan.text(), /rolled back before/)
  assert.equal((await service.ask('GET', '/admin/overview')).status, 200)
  assert.equal((await service.ask('GET', '/healthz')).status, 200)
  assert.deepEqual(filter.refused, [])
  t.diagnostic(`calls that it made: ${[...filter.passed].toSorted().join(', ')}`)
})

test('the filter refuses what leads further', async () => {
  for (const [method, url] of [
    ['POST', `/v1.41/containers/${NAMES[0]}/exec`],
    ['POST', '/v1.41/exec/x/start'],
    ['PUT', `/v1.41/containers/${NAMES[0]}/archive?path=/`],
    ['GET', `/v1.41/containers/${NAMES[0]}/archive?path=/`],
    ['GET', `/v1.41/containers/${NAMES[0]}/..%2F..%2Fvolumes`],
    ['POST', `/v1.41/containers/${NAMES[0]}/attach`],
    ['POST', '/v1.41/commit'],
    ['POST', '/v1.41/build'],
    ['POST', '/v1.41/containers/prune'],
    ['POST', '/v1.41/images/load'],
    ['POST', '/v1.41/volumes/create'],
    ['POST', '/v1.41/swarm/init'],
    ['GET', '/v1.41/secrets'],
    ['DELETE', '/v1.41/volumes/x'],
  ] as const) {
    const asked = request({ socketPath: filter.host.slice('unix://'.length), method, path: url }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.resume()
    assert.equal(answer.statusCode, 403, `${method} ${url}`)
  }
  filter.refused.length = 0
})

test('the step of the release workflow: green for 200, waits for its turn, red for a roll back and a wrong token', async () => {
  const [{ run }] = parse(example('yaml', 'name: Move the running')) as [{ run: string }]
  const script = run.replace('sleep 15', 'sleep 0.5').replace('?runtime=hermes', '')
  // As a runner runs it: https://docs.github.com/actions, "jobs.<job_id>.steps[*].shell".
  const step = async (TOKEN: string): Promise<number> => {
    const env = { ...process.env, URL: `http://${service.address}`, TOKEN }
    const child = spawn('bash', ['-e', '-c', script], { cwd: dir, env, stdio: 'ignore' })
    return ((await once(child, 'exit')) as [number])[0]
  }
  chmodSync(dir, 0o755)
  await release('v4')
  assert.equal((await service.ask('POST', '/admin/workspace-images/refresh?wait=false')).status, 202)
  await release('v5')
  assert.equal(await step(LIVE_TOKEN), 0)
  assert.deepEqual(await versions(), ['v5', 'v5'], 'it had a turn of its own')
  await release('v6', ['/bin/false'])
  assert.equal(await step(LIVE_TOKEN), 1)
  assert.equal(await step('not-the-token-0123456789'), 1)
  assert.deepEqual(filter.refused, [])
})

test('Prometheus reads the metrics with the token that the example names', async () => {
  const { scrape_configs: jobs } = parse(example('yaml', 'scrape_configs')) as {
    scrape_configs: [{ job_name: string; authorization: { credentials_file: string } }]
  }
  assert.equal(jobs[0].authorization.credentials_file, '/run/secrets/dockline_token')
  const text = await (await service.ask('GET', '/metrics')).text()
  for (const name of README.matchAll(/^\| `(dockline_[a-z_]+)` \|/gm)) assert.ok(text.includes(` ${name[1]} `), name[1])
})

test('IMAGE_AUTO_REFRESH: a release is found without anybody asking, as a job like any other', async () => {
  await release('v7')
  const watching = await startService(args, { ...env, IMAGE_AUTO_REFRESH: 'true' }, CONFINED)
  try {
    const ended = async (): Promise<JobRecord | undefined> => {
      const { jobs } = (await (await watching.ask('GET', '/admin/jobs')).json()) as { jobs: JobRecord[] }
      return jobs.find(({ state }) => state === 'ended')
    }
    for (let tries = 0; tries < 150 && (await ended()) === undefined; tries++) await sleep(200)
    const job = await ended()
    assert.deepEqual([job?.by, job?.status, job?.report?.recreated.toSorted()], ['watch', 200, NAMES])
    const metrics = await (await watching.ask('GET', '/metrics')).text()
    assert.match(metrics, /^dockline_watch_lag_seconds \d/m)
    assert.match(metrics, /^dockline_watch_failures 0/m)
    assert.ok(filter.passed.has('GET /events'))
    assert.deepEqual(filter.refused, [])
  } finally {
    await watching.stop()
  }
})
