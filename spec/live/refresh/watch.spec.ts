import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Docker } from '../../../lib/engine/connect.ts'
import type { Check } from '../../../lib/refresh/check.ts'
import { dockerConfig, reportOf, runCli, startCli, type Running } from '../support/cli.ts'
import { hostOf, liveEngine, removeContainers } from '../support/engine.ts'
import { FOREVER, pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'

const PREFIX = 'watch-live-'
const NAMES = [`${PREFIX}1`, `${PREFIX}2`]

let docker: Docker
let registry: LiveRegistry
let image: string
let login: ReturnType<typeof dockerConfig>
let env: Record<string, string>
let watching: Running | undefined
let said = ''

const release = (version: string, Cmd: readonly string[] = FOREVER): Promise<string> =>
  pushImage(registry, 'acme/watched', 'latest', { Cmd, Labels: { version } })

before(async () => {
  docker = await liveEngine()
  registry = await startRegistry()
  image = `${registry.host}/acme/watched:latest`
  login = dockerConfig(registry, registry.password)
  env = { DOCKER_HOST: hostOf(docker), DOCKER_CONFIG: login.dir }
  await removeContainers(docker, PREFIX)
  await release('v1')
  await docker.images.pull(image, { auth: { username: registry.user, password: registry.password } })
  for (const name of NAMES) {
    await docker.containers.create({ Image: image, HostConfig: { NetworkMode: 'none' } }, { name })
    await docker.containers.start(name)
  }
})

after(async () => {
  watching?.child.kill('SIGKILL')
  await removeContainers(docker, PREFIX)
  await removeImages()
  login[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
  await docker.close()
})

async function removeImages(): Promise<void> {
  for (const { Id, RepoDigests } of await docker.images.list()) {
    if (RepoDigests.some((digest) => digest.startsWith(`${registry.host}/`)))
      await docker.images.remove(Id, { force: true })
  }
}

async function versions(): Promise<string[]> {
  const seen = await Promise.all(NAMES.map((name) => docker.containers.inspect(name)))
  return seen.map(({ Config }) => Config.Labels['version'] ?? '')
}

/** Waits until both containers run a version and nothing is under way; fails after so many seconds. */
async function reached(version: string, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    const all = (await docker.containers.list({ all: true })).flatMap((container) => container.Names)
    const own = all.filter((name) => name.startsWith(`/${PREFIX}`))
    const seen = await versions().catch(() => []) // in the midst of a replacement a name is nobody's
    await sleep(1000)
    if (own.length === NAMES.length && seen.length === own.length && seen.every((one) => one === version)) return
  }
  assert.fail(`still ${String(await versions())} after ${seconds} s`)
}

const idsOf = (): Promise<string[]> =>
  Promise.all(NAMES.map(async (name) => (await docker.containers.inspect(name)).Id))

test('check and plan know of a push before anything is pulled', async () => {
  const digest = await release('v2')
  const checked = await runCli(['check', image, '--json'], env)
  assert.equal(checked.code, 0, checked.stderr)
  const [seen] = (JSON.parse(checked.stdout) as { images: Check[] }).images
  assert.deepEqual([seen?.would, seen?.registry?.digest], ['replace', digest])
  assert.deepEqual(seen?.containers.map(({ name }) => name).toSorted(), NAMES)
  assert.match(seen?.credential ?? '', /auths of .*config\.json/)
  const planned = reportOf(await runCli(['plan', '--image', image, '--name-prefix', PREFIX, '--json'], env))
  assert.deepEqual([planned.images[0]?.outcome, planned.images[0]?.digest], ['updated', digest])
  assert.deepEqual(new Set(planned.containers.map(({ outcome }) => outcome)), new Set(['replaced']))
  assert.deepEqual(await versions(), ['v1', 'v1'])
})

test('what was pushed while the watcher was down is adopted at its first tick, and the next push by itself', async () => {
  const flags = ['--all', '--image', image, '--name-prefix', PREFIX, '--stable-for', '1', '--interval', '30']
  watching = startCli(['watch', ...flags], env)
  watching.child.stderr?.on('data', (text: string) => (said += text))
  await reached('v2', 60)
  await release('v3')
  await reached('v3', 90)
})

test('a release that exits is rolled back and left alone, and the next one is adopted', async () => {
  const before = await idsOf()
  await release('v4', ['/bin/false'])
  for (let i = 0; i < 150 && !said.includes('rolled back before'); i++) await sleep(1000)
  assert.deepEqual(await idsOf(), before)
  await release('v5')
  await reached('v5', 90)
})

test('SIGTERM ends it with exit 0, and the log has the words of the seed', async () => {
  watching?.child.kill('SIGTERM')
  const ran = await watching?.ended
  assert.equal(ran?.code, 0, ran?.stderr)
  const log = ran?.stderr ?? ''
  assert.match(log, /^image-auto-refresh: started \(interval=30s, images=1\)$/m)
  assert.equal(log.match(/digest moved sha256:[0-9a-f]{12} → sha256:[0-9a-f]{12}, refreshing/g)?.length, 4)
  assert.equal(log.match(/recreated=2 \(auths of .* auth\)/g)?.length, 3)
  assert.equal(log.match(/rolled back before/g)?.length, 1)
  assert.ok(!log.includes(registry.password))
})
