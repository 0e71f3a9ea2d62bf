import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'

import type { Docker } from '../../../lib/engine/connect.ts'
import { dockerConfig, reportOf, runCli } from '../support/cli.ts'
import { hostOf, liveEngine, removeContainers } from '../support/engine.ts'
import { FOREVER, pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'

const NAME = 'hooked-1'

let docker: Docker
let registry: LiveRegistry
let login: ReturnType<typeof dockerConfig>
let image: string

before(async () => {
  docker = await liveEngine()
  registry = await startRegistry()
  login = dockerConfig(registry, registry.password)
  image = `${registry.host}/acme/hooked:latest`
})

beforeEach(() => removeContainers(docker, NAME))

after(async () => {
  await removeContainers(docker, NAME)
  login[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
  await docker.close()
})

async function stage(Labels: Record<string, string>): Promise<string> {
  await pushImage(registry, 'acme/hooked', 'latest', { Cmd: FOREVER, Labels: { version: `old ${Math.random()}` } })
  await docker.images.pull(image, { auth: { username: registry.user, password: registry.password } })
  const { Id } = await docker.containers.create({ Image: image, Labels }, { name: NAME })
  await docker.containers.start(Id)
  await pushImage(registry, 'acme/hooked', 'latest', { Cmd: FOREVER, Labels: { version: `new ${Math.random()}` } })
  return Id
}

const refresh = (...args: string[]) =>
  runCli(['refresh', '--name', NAME, '--stable-for', '0.5', '--json', ...args], {
    DOCKER_HOST: hostOf(docker),
    DOCKER_CONFIG: login.dir,
  })

test('hooks run where they are on, in the old container and in the new one, and their output is in the report', async () => {
  const old = await stage({ 'dockline.hook.pre-stop': 'echo leaving', 'dockline.hook.post-start': 'echo arrived' })
  const ran = await refresh('--hooks')
  assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  assert.deepEqual(reportOf(ran).containers[0]?.hooks, [
    { moment: 'pre-stop', exitCode: 0, output: 'leaving' },
    { moment: 'post-start', exitCode: 0, output: 'arrived' },
  ])
  assert.notEqual((await docker.containers.inspect(NAME)).Id, old)
})

test('hooks are off unless they are asked for', async () => {
  await stage({ 'dockline.hook.pre-stop': 'exit 1' })
  const ran = await refresh()
  assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  assert.equal(reportOf(ran).containers[0]?.hooks, undefined)
})

for (const moment of ['pre-stop', 'post-start'] as const) {
  test(`a ${moment} hook that fails leads back to the same container`, async () => {
    const old = await stage({ [`dockline.hook.${moment}`]: 'echo not now; exit 7' })
    const ran = await refresh('--hooks')
    assert.equal(ran.code, 1, ran.stdout + ran.stderr)
    const [container] = reportOf(ran).containers
    assert.equal(container?.outcome, 'rolled-back')
    assert.equal(container?.code, 'HOOK_FAILED')
    assert.match(container?.reason ?? '', /exit code 7: not now/)
    const { Id, State } = await docker.containers.inspect(NAME)
    assert.equal(Id, old)
    assert.equal(State.Running, true)
  })
}

test('a hook that does not end in time fails', async () => {
  await stage({ 'dockline.hook.pre-stop': 'sleep 30', 'dockline.hook.timeout': '1' })
  const ran = await refresh('--hooks')
  assert.equal(ran.code, 1, ran.stdout + ran.stderr)
  assert.match(reportOf(ran).containers[0]?.reason ?? '', /did not come to its end/)
})
