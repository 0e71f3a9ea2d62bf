import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import type { Docker } from '../../../lib/engine/connect.ts'
import { chaosProxy } from '../../../lib/testing/chaos.ts'
import { dockerConfig, runCli, startCli } from '../support/cli.ts'
import { hostOf, liveEngine, removeContainers } from '../support/engine.ts'
import { FOREVER, pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'

const NAME = 'kill-me-1'
const CHANGING = /^(?:POST|DELETE)$/

let docker: Docker
let registry: LiveRegistry
let image: string
let login: ReturnType<typeof dockerConfig>

before(async () => {
  docker = await liveEngine()
  registry = await startRegistry()
  login = dockerConfig(registry, registry.password)
  image = `${registry.host}/acme/killed:latest`
  await removeContainers(docker, NAME)
})

after(async () => {
  await removeContainers(docker, NAME)
  login[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
  await docker.close()
})

const pull = () => docker.images.pull(image, { auth: { username: registry.user, password: registry.password } })

/** A container that runs the image of before the release. Gives its id. */
async function setStage(round: number): Promise<string> {
  await removeContainers(docker, NAME)
  await pushImage(registry, 'acme/killed', 'latest', { Cmd: FOREVER, Labels: { round: `${round}-old` } })
  await pull()
  const { Id } = await docker.containers.create(
    { Image: image, HostConfig: { RestartPolicy: { Name: 'always' } } },
    { name: NAME },
  )
  await docker.containers.start(Id)
  await pushImage(registry, 'acme/killed', 'latest', { Cmd: FOREVER, Labels: { round: `${round}-new` } })
  return Id
}

/** Runs a refresh that is killed at its k-th changing call. Gives false when there was no k-th. */
async function killedAt(k: number, when: 'before' | 'after'): Promise<string | undefined> {
  let changing = 0
  let at: string | undefined
  await using proxy = await chaosProxy({
    target: hostOf(docker),
    onCall: async (_, call, now) => {
      if (!CHANGING.test(call.method)) return
      if (now === 'before') changing++
      if (changing !== k || now !== when || at !== undefined) return
      at = `${when} ${call.method} ${call.path.replace(/[0-9a-f]{64}/, '{id}')}`
      running.child.kill('SIGKILL')
      await running.ended
    },
  })
  const env = { DOCKER_HOST: proxy.host, DOCKER_CONFIG: login.dir }
  const running = startCli(['refresh', '--image', image, '--name', NAME, '--stable-for', '0.3', '--json'], env)
  const { signal } = await running.ended
  if (at !== undefined) assert.equal(signal, 'SIGKILL')
  return at
}

test('kill -9 before and after every changing call: recover leaves one container that bears the name and runs', async (t) => {
  const points: string[] = []
  for (let k = 1; k < 30; k++) {
    const seen: (string | undefined)[] = []
    for (const when of ['before', 'after'] as const) {
      const old = await setStage(points.length)
      const at = await killedAt(k, when)
      seen.push(at)
      if (at === undefined) continue
      points.push(at)
      const recovered = await runCli(['recover', '--json'], { DOCKER_HOST: hostOf(docker) })
      assert.equal(recovered.code, 0, `${at}: ${recovered.stdout} ${recovered.stderr}`)
      await assertWhole(old, at)
      const again = await runCli(['recover', '--json'], { DOCKER_HOST: hostOf(docker) })
      assert.deepEqual(JSON.parse(again.stdout), { operations: [] }, at)
    }
    if (seen.every((at) => at === undefined)) break
  }
  t.diagnostic(`killed at ${points.length} points: ${points.join(', ')}`)
  assert.ok(points.length >= 14, `only ${points.length} points were reached: ${points.join(', ')}`)
})

async function assertWhole(old: string, at: string): Promise<void> {
  const all = await docker.containers.list({ all: true })
  const names = all.flatMap(({ Names }) => Names).filter((name) => name.startsWith(`/${NAME}`))
  assert.deepEqual(names, [`/${NAME}`], at)
  const { Id, State, HostConfig, Config } = await docker.containers.inspect(NAME)
  assert.equal(State.Running, true, at)
  assert.equal(HostConfig.RestartPolicy.Name, 'always', at)
  assert.match(Config.Labels['round'] ?? '', Id === old ? /-old$/ : /-new$/, at)
}
