import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import type { JsonObject } from '../../../lib/base/json.ts'
import { objectAt } from '../../../lib/base/json.ts'
import type { Docker } from '../../../lib/engine/connect.ts'
import { chaosProxy } from '../../../lib/testing/chaos.ts'
import { dockerConfig, reportOf, runCli } from '../support/cli.ts'
import { hostOf, liveEngine, removeContainers } from '../support/engine.ts'
import { FOREVER, pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'

// What a run rolls back is quarantined by its image, so no two runs may share one.
const RUN = `${process.pid}-${Date.now()}`
const PREFIX = 'ws-main-'
const STRANGER = 'stranger-of-ws-main-'
const NETWORK = 'main-job-net'
const VOLUME = 'main-job-data'
const NAMES = ['1', '2', '3'].map((n) => PREFIX + n)

let docker: Docker
let registry: LiveRegistry
let image: string
let login: ReturnType<typeof dockerConfig>
let env: Record<string, string>

const settings = (version: string, Cmd: readonly string[] = FOREVER) => ({
  Cmd,
  Env: ['PATH=/bin', `VERSION=${version}`],
  Labels: { version, [`only-in-${version}`]: 'yes', run: RUN },
})
const release = (version: string, Cmd?: readonly string[]): Promise<string> =>
  pushImage(registry, 'acme/workspace-template-hermes', 'latest', settings(version, Cmd))
const refresh = (...extra: string[]) =>
  runCli(['refresh', '--image', image, '--name-prefix', PREFIX, '--stable-for', '1', '--json', ...extra], env)

before(async () => {
  docker = await liveEngine()
  registry = await startRegistry()
  image = `${registry.host}/acme/workspace-template-hermes:latest`
  login = dockerConfig(registry, registry.password)
  env = { DOCKER_HOST: hostOf(docker), DOCKER_CONFIG: login.dir }
  await cleanUp()
  await release('v1')
  await docker.images.pull(image, { auth: { username: registry.user, password: registry.password } })
  await docker.networks.create({ Name: NETWORK })
  await docker.volumes.create({ Name: VOLUME })
  for (const [i, name] of [...NAMES, STRANGER].entries()) {
    await docker.containers.create(
      {
        Image: image,
        Env: [`OWN=${name}`, 'VERSION=mine'],
        Labels: { own: name },
        ExposedPorts: { '8000/tcp': {} },
        HostConfig: {
          RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
          Binds: [`${VOLUME}:/data`],
          PortBindings: { '8000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(28_600 + i) }] },
          NetworkMode: NETWORK,
          Memory: 64 << 20,
        },
        NetworkingConfig: { EndpointsConfig: { [NETWORK]: { Aliases: [`alias-of-${name}`] } } },
      },
      { name },
    )
    await docker.containers.start(name)
  }
})

after(async () => {
  await cleanUp()
  login[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
  await docker.close()
})

async function cleanUp(): Promise<void> {
  for (const prefix of [PREFIX, STRANGER]) await removeContainers(docker, prefix)
  await docker.networks.remove(NETWORK).catch(() => {})
  await docker.volumes.remove(VOLUME).catch(() => {})
}

/** What must be as before: all that the user set. */
async function setByUser(name: string): Promise<JsonObject> {
  const raw = await docker.containers.inspectRaw(name)
  const { view } = { view: await docker.containers.inspect(name) }
  const hostConfig = objectAt(raw, 'HostConfig')
  return {
    env: view.Config.Env.filter((entry) => entry.startsWith('OWN=') || entry === 'VERSION=mine').toSorted(),
    label: view.Config.Labels['own'] ?? '',
    mounts: view.Mounts.map(({ Name = '', Destination, RW }) => `${Name} ${Destination} ${RW}`),
    networks: Object.keys(view.NetworkSettings.Networks),
    alias: (view.NetworkSettings.Networks[NETWORK]?.Aliases ?? []).includes(`alias-of-${name}`),
    ports: view.HostConfig.PortBindings as unknown as JsonObject,
    restart: view.HostConfig.RestartPolicy as unknown as JsonObject,
    memory: hostConfig['Memory'] ?? 0,
    state: view.State.Status,
  }
}

const idsOf = (names: readonly string[]): Promise<string[]> =>
  Promise.all(names.map(async (name) => (await docker.containers.inspect(name)).Id))

test('the release reaches the three containers, and nothing else', async () => {
  const before = await Promise.all(NAMES.map(setByUser))
  const [stranger] = await idsOf([STRANGER])
  await release('v2')

  const ran = await refresh()

  assert.equal(ran.code, 0, ran.stderr)
  const report = reportOf(ran)
  assert.deepEqual(report.recreated.toSorted(), NAMES)
  assert.deepEqual(report.failed, [])
  assert.equal(report.images[0]?.outcome, 'updated')
  assert.deepEqual(await Promise.all(NAMES.map(setByUser)), before)
  for (const name of NAMES) {
    const { Config, Image } = await docker.containers.inspect(name)
    assert.equal(Image, report.images[0]?.after)
    assert.equal(Config.Labels['only-in-v2'], 'yes')
    assert.equal(Config.Labels['only-in-v1'], undefined, 'the old image left nothing behind')
  }
  assert.deepEqual(await idsOf([STRANGER]), [stranger])
})

test('a second run says current and makes no POST but the pull', async () => {
  await using proxy = await chaosProxy({ target: hostOf(docker) })
  const ran = await runCli(['refresh', '--image', image, '--name-prefix', PREFIX, '--json'], {
    ...env,
    DOCKER_HOST: proxy.host,
  })
  assert.equal(ran.code, 0, ran.stderr)
  const report = reportOf(ran)
  assert.deepEqual(report.recreated, [])
  assert.deepEqual(new Set(report.containers.map(({ outcome }) => outcome)), new Set(['current']))
  assert.equal(report.containers.length, 3)
  const changing = proxy.calls
    .filter(({ method }) => method !== 'GET' && method !== 'HEAD')
    .map(({ method, path }) => `${method} ${path}`)
  assert.deepEqual(changing, ['POST /images/create'])
})

test('a plan changes nothing and says what would be done', async () => {
  await using proxy = await chaosProxy({ target: hostOf(docker) })
  const ran = await runCli(['plan', '--image', image, '--name-prefix', PREFIX, '--json'], {
    ...env,
    DOCKER_HOST: proxy.host,
  })
  assert.equal(ran.code, 0, ran.stderr)
  assert.equal(reportOf(ran).dryRun, true)
  assert.ok(proxy.calls.every(({ method }) => method === 'GET' || method === 'HEAD'))
})

test('a wrong or missing password fails the pull, touches nothing and shows no secret', async () => {
  const ids = await idsOf(NAMES)
  const wrong = 'not-the-pass?>~word'
  using bad = dockerConfig(registry, wrong)
  for (const [dir, code] of [
    [bad.dir, 'CREDENTIALS_REJECTED'],
    ['/nonexistent', 'CREDENTIALS_MISSING'],
  ] as const) {
    const ran = await runCli(['refresh', '--image', image, '--name-prefix', PREFIX, '--json'], {
      ...env,
      DOCKER_CONFIG: dir,
    })
    assert.equal(ran.code, 1, ran.stderr)
    const report = reportOf(ran)
    assert.deepEqual(report.failed, [image])
    assert.equal(report.images[0]?.error?.code, code)
    for (const secret of [
      wrong,
      Buffer.from(wrong).toString('base64'),
      Buffer.from(`${registry.user}:${wrong}`).toString('base64'),
      encodeURIComponent(wrong),
    ]) {
      assert.ok(!`${ran.stdout}${ran.stderr}`.includes(secret))
    }
  }
  assert.deepEqual(await idsOf(NAMES), ids)
})

test('a release that exits at once is rolled back to the same container, and the others are spared', async () => {
  const before = await Promise.all(NAMES.map(setByUser))
  const ids = await idsOf(NAMES)
  await release('v3', ['/bin/false'])

  const ran = await refresh()

  assert.equal(ran.code, 1, ran.stderr)
  const outcomes = reportOf(ran).containers.map(({ outcome, cause }) => (outcome === 'skipped' ? cause : outcome))
  assert.deepEqual(outcomes.map(String).toSorted(), ['canary-failed', 'canary-failed', 'rolled-back'])
  assert.deepEqual(await idsOf(NAMES), ids)
  assert.deepEqual(await Promise.all(NAMES.map(setByUser)), before)
  assert.deepEqual(await leftovers(), [])
})

test('an engine that is away is exit 3 with the socket and the cure; a bad flag or reference is exit 2 with the reason', async () => {
  const away = await runCli(['refresh', '--all'], { DOCKER_HOST: 'unix:///nonexistent/docker.sock' })
  assert.equal(away.code, 3)
  assert.match(away.stderr, /unix:\/\/\/nonexistent\/docker\.sock.*Start the engine/)
  const flag = await runCli(['refresh', '--frobnicate'], env)
  assert.equal(flag.code, 2)
  assert.match(flag.stderr, /unknown option '--frobnicate'/)
  const reference = await runCli(['refresh', '--image', 'Acme/X', '--all'], env)
  assert.equal(reference.code, 2)
  assert.match(reference.stderr, /must be lower case/)
})

test('SIGINT ends at a safe point with exit 130', async () => {
  await release('v4')
  const ids = await idsOf(NAMES)
  const { startCli } = await import('../support/cli.ts')
  await using proxy = await chaosProxy({
    target: hostOf(docker),
    schedule: 'POST /containers/create: 1*run-after(interrupt)',
    actions: { interrupt: () => void running.child.kill('SIGINT') },
  })
  const running = startCli(['refresh', '--image', image, '--name-prefix', PREFIX, '--stable-for', '1', '--json'], {
    ...env,
    DOCKER_HOST: proxy.host,
  })
  const ran = await running.ended
  assert.equal(ran.code, 130, ran.stderr)
  assert.equal(reportOf(ran).interrupted, true)
  assert.deepEqual(await idsOf(NAMES), ids)
  assert.deepEqual(await leftovers(), [])
})

/** Containers that only a replacement in progress should have. */
async function leftovers(): Promise<string[]> {
  const all = await docker.containers.list({ all: true })
  return all.flatMap(({ Names }) => Names).filter((name) => name.includes('.dockline-'))
}
