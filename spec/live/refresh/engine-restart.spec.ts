// An engine that is killed and comes back at every changing call of a refresh. It is one of this spec's own.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { connect, type Docker } from '../../../lib/engine/connect.ts'
import { findUnfinished } from '../../../lib/refresh/unfinished.ts'
import { chaosProxy } from '../../../lib/testing/chaos.ts'
import { dockerConfig, reportOf, startCli } from '../support/cli.ts'
import { removeContainers } from '../support/engine.ts'
import { pushImage } from '../support/image.ts'
import { startOwnEngine, type OwnEngine } from '../support/own-engine.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'
import { IDLE } from './fidelity-cases.ts'

const NAME = 'outlives-1'
const MOST = 40
const RUN = `${process.pid}-${Date.now()}`

let engine: OwnEngine
let docker: Docker
let registry: LiveRegistry
let image: string
let login: ReturnType<typeof dockerConfig>
let pushes = 0

const cleanups: (() => unknown)[] = []

before(async () => {
  engine = await startOwnEngine()
  cleanups.push(() => engine[Symbol.asyncDispose]())
  docker = await connect({ host: engine.host })
  cleanups.push(() => docker.close())
  registry = await startRegistry()
  cleanups.push(() => registry[Symbol.asyncDispose]())
  login = dockerConfig(registry, registry.password)
  cleanups.push(() => login[Symbol.dispose]())
  image = `${registry.host}/acme/outlives:latest`
})

after(async () => {
  for (const clean of cleanups.toReversed()) await clean()
})

const push = (): Promise<string> =>
  pushImage(registry, 'acme/outlives', 'latest', { Cmd: IDLE, Labels: { push: `${RUN}-${++pushes}` } })

async function setStage(policy: string): Promise<string> {
  await removeContainers(docker, NAME)
  await push()
  await docker.images.pull(image, { auth: { username: registry.user, password: registry.password } })
  const HostConfig = { RestartPolicy: { Name: policy } }
  const { Id } = await docker.containers.create({ Image: image, HostConfig }, { name: NAME })
  await docker.containers.start(Id)
  await push()
  return Id
}

for (const policy of ['always', 'no']) {
  test(`a container with policy "${policy}" is up after a kill of its engine at any changing call`, async (t) => {
    const points: string[] = []
    for (let k = 1; k < MOST; k++) {
      const old = await setStage(policy)
      let changing = 0
      let at: string | undefined
      await using proxy = await chaosProxy({
        target: engine.host,
        onCall: async (_, { method, path }, when) => {
          if (when !== 'before' || !/^(?:POST|DELETE)$/.test(method) || !path.startsWith('/containers/'))
            return undefined
          if (++changing !== k) return undefined
          at = `${method} ${path.replace(/[0-9a-f]{64}/, '{id}')}`
          await engine.kill()
          engine.start()
          return 'cut'
        },
      })
      const args = ['refresh', '--image', image, '--name', NAME, '--stable-for', '0.3', '--json']
      const ran = await startCli(args, { DOCKER_HOST: proxy.host, DOCKER_CONFIG: login.dir }).ended
      if (at === undefined) break
      await engine.up()
      const [line] = reportOf(ran).containers
      assert.ok(line?.outcome === 'replaced' || line?.outcome === 'rolled-back', `${at}: ${ran.stdout}${ran.stderr}`)
      assert.deepEqual(await findUnfinished(docker), [], at)
      const names = (await docker.containers.list({ all: true })).flatMap(({ Names }) => Names)
      assert.deepEqual(names, [`/${NAME}`], at)
      const { Id, State, HostConfig } = await docker.containers.inspect(NAME)
      assert.equal(State.Running, true, at)
      assert.equal(HostConfig.RestartPolicy.Name, policy, at)
      assert.equal(Id === old, line.outcome === 'rolled-back', at)
      points.push(`${at} (${line.outcome})`)
    }
    t.diagnostic(`killed and restarted at ${points.length} points: ${points.join(', ')}`)
    assert.ok(points.length >= 6, `only ${points.length} points: ${points.join(', ')}`)
  })
}
