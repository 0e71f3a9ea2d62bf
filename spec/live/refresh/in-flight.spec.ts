// Stops that take longer than any inspect tells, and a process that is killed and never reaped.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'

import type { Docker } from '../../../lib/engine/connect.ts'
import { systemProcesses } from '../../../lib/base/processes.ts'
import { systemClock } from '../../../lib/base/system.ts'
import { recover } from '../../../lib/refresh/recover.ts'
import { chaosProxy } from '../../../lib/testing/chaos.ts'
import { toEngine } from '../../../lib/testing/engine-line.ts'
import { serve } from '../../../lib/testing/serve.ts'
import { parseHost } from '../../../lib/wire/host.ts'
import { dockerConfig, reportOf, startCli } from '../support/cli.ts'
import { hostOf, liveEngine, removeContainers } from '../support/engine.ts'
import { pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'

const NAME = 'in-flight-1'
const RUN = `${process.pid}-${Date.now()}`
// Does not listen to SIGTERM.
const DEAF = ['/bin/sh', '-c', "trap '' TERM; while true; do sleep 1; done"]

let docker: Docker
let registry: LiveRegistry
let image: string
let login: ReturnType<typeof dockerConfig>
let pushes = 0

before(async () => {
  docker = await liveEngine()
  registry = await startRegistry()
  login = dockerConfig(registry, registry.password)
  image = `${registry.host}/acme/in-flight:latest`
})

after(async () => {
  await removeContainers(docker, NAME)
  login[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
  await docker.close()
})

const push = (): Promise<string> =>
  pushImage(registry, 'acme/in-flight', 'latest', { Cmd: DEAF, Labels: { push: `${RUN}-${++pushes}` } })

async function setStage(): Promise<string> {
  await removeContainers(docker, NAME)
  await push()
  await docker.images.pull(image, { auth: { username: registry.user, password: registry.password } })
  const body = { Image: image, StopTimeout: 1, HostConfig: { RestartPolicy: { Name: 'always' } } }
  const { Id } = await docker.containers.create(body, { name: NAME })
  await docker.containers.start(Id)
  await push()
  return Id
}

const REFRESH = (): string[] => ['refresh', '--image', image, '--name', NAME, '--stable-for', '0.3', '--json']

async function assertWhole(): Promise<string> {
  const all = await docker.containers.list({ all: true })
  const names = all.flatMap(({ Names }) => Names).filter((name) => name.startsWith(`/${NAME}`))
  assert.deepEqual(names, [`/${NAME}`])
  const { Id, State, HostConfig } = await docker.containers.inspect(NAME)
  assert.equal(State.Running, true)
  assert.equal(HostConfig.RestartPolicy.Name, 'always')
  return Id
}

test('an engine that gives a container 25 s where it asks for one: the stop is waited for', async () => {
  const old = await setStage()
  const target = parseHost(hostOf(docker), 'the engine')
  await using proxy = await serve((request) => {
    const isStop = request.method === 'POST' && request.path.endsWith('/stop')
    const asked = isStop ? `${request.target.replace(/\?.*$/, '')}?t=25` : request.target
    return toEngine(target, { ...request, target: asked })
  })
  const ran = await startCli(REFRESH(), { DOCKER_HOST: proxy.host, DOCKER_CONFIG: login.dir }).ended
  const [line] = reportOf(ran).containers
  assert.equal(line?.outcome, 'replaced', `${ran.stdout}${ran.stderr}`)
  assert.ok((line.downtimeMs ?? 0) > 16_000, 'it has waited longer than a stop of 1 s would')
  assert.notEqual(await assertWhole(), old)
})

for (const again of ['recover', 'refresh'] as const) {
  test(`kill -9 by a parent that reaps nobody, in the middle of a stop: the next ${again} mends it`, async () => {
    const old = await setStage()
    await using proxy = await chaosProxy({
      target: hostOf(docker),
      onCall: (_, { method, path }, when) => {
        if (when !== 'before' || method !== 'POST' || !path.endsWith('/stop')) return undefined
        // The engine gets it, and the one who asked is dead a moment later.
        setTimeout(() => process.kill(dockline(), 'SIGKILL'), 300)
        return undefined
      },
    })
    // The shell becomes a program that waits for no child.
    const under = ['sh', '-c', '"$@" & exec sleep 300 >/dev/null 2>&1', 'sh']
    const parent = startCli(REFRESH(), { DOCKER_HOST: proxy.host, DOCKER_CONFIG: login.dir }, under)
    const dockline = (): number =>
      Number(readFileSync(`/proc/${parent.child.pid}/task/${parent.child.pid}/children`, 'utf8').trim().split(' ')[0])
    try {
      const isDead = (): boolean =>
        dockline() !== 0 && readFileSync(`/proc/${dockline()}/stat`, 'utf8').includes(') Z ')
      for (let i = 0; i < 600 && !isDead(); i++) await systemClock.sleep(100)
      assert.ok(isDead(), 'it is a zombie')
      if (again === 'recover') {
        const gate = { stableFor: 300 }
        const context = {
          engine: docker,
          clock: systemClock,
          processes: systemProcesses,
          gate,
          selection: { names: [NAME] },
        }
        const [one] = await recover(context)
        assert.equal(one?.outcome, 'rolled-back', one?.reason)
        assert.equal(await assertWhole(), old)
      } else {
        const ran = await startCli(REFRESH(), { DOCKER_HOST: hostOf(docker), DOCKER_CONFIG: login.dir }).ended
        assert.equal(reportOf(ran).containers[0]?.outcome, 'replaced', `${ran.stdout}${ran.stderr}`)
        assert.notEqual(await assertWhole(), old)
      }
      // What the dead one had asked for has come to its end by now.
      await systemClock.sleep(5000)
      await assertWhole()
    } finally {
      parent.child.kill('SIGKILL')
      await parent.ended
    }
  })
}
