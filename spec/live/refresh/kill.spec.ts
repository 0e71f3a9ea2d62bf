import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'

import { systemProcesses } from '../../../lib/base/processes.ts'
import { systemClock } from '../../../lib/base/system.ts'
import type { Docker } from '../../../lib/engine/connect.ts'
import { recover, type Recovered } from '../../../lib/refresh/recover.ts'
import { chaosProxy, type ChaosCall } from '../../../lib/testing/chaos.ts'
import { dockerConfig, startCli } from '../support/cli.ts'
import { hostOf, liveEngine, removeContainers } from '../support/engine.ts'
import { IDLE } from './fidelity-cases.ts'
import { pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'

const NAME = 'kill-me-1'
const GOOD = IDLE
const EXITS = ['/bin/false']
const MOST = 40
const RUN = `${process.pid}-${Date.now()}`

/** A moment at which a process is killed: before the engine hears of a changing call, or after it has done it. */
type When = 'before' | 'after'

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

let pushes = 0
const push = (version: 'old' | 'new', Cmd: readonly string[]): Promise<string> =>
  // Each push is another image: one that was rolled back is not tried again, also not by a later run of this spec.
  pushImage(registry, 'acme/killed', 'latest', { Cmd, Labels: { version, push: `${RUN}-${++pushes}` } })

/** A container that runs the image of before the release. Gives its id. */
async function setStage(release: readonly string[]): Promise<string> {
  await removeContainers(docker, NAME)
  await push('old', GOOD)
  await docker.images.pull(image, { auth: { username: registry.user, password: registry.password } })
  const RestartPolicy = { Name: 'always' }
  const { Id } = await docker.containers.create({ Image: image, HostConfig: { RestartPolicy } }, { name: NAME })
  await docker.containers.start(Id)
  await push('new', release)
  return Id
}

const REFRESH = (): string[] => ['refresh', '--image', image, '--name', NAME, '--stable-for', '0.3', '--json']
const RECOVER = ['recover', '--json']

/**
 * Runs a command that is killed at a changing call: the k-th of those from the first that `begins` is true of. Gives
 * the call; nothing when there was no k-th.
 */
async function killed(
  args: readonly string[],
  k: number,
  when: When,
  begins: (call: ChaosCall) => boolean = () => true,
): Promise<string | undefined> {
  let begun = false
  let changing = 0
  let at: string | undefined
  await using proxy = await chaosProxy({
    target: hostOf(docker),
    onCall: async (_, call, now) => {
      if (!/^(?:POST|DELETE)$/.test(call.method)) return undefined
      if (now === 'before') begun ||= begins(call)
      if (begun && now === 'before') changing++
      if (changing !== k || now !== when || at !== undefined) return undefined
      at = `${when} ${call.method} ${call.path.replace(/[0-9a-f]{64}/, '{id}')}`
      running.child.kill('SIGKILL')
      await running.ended
      return 'cut'
    },
  })
  const running = startCli(args, { DOCKER_HOST: proxy.host, DOCKER_CONFIG: login.dir })
  const { signal } = await running.ended
  if (at !== undefined) assert.equal(signal, 'SIGKILL')
  return at
}

async function recovered(): Promise<Recovered[]> {
  const gate = { stableFor: 300 }
  const ended = await recover({ engine: docker, clock: systemClock, processes: systemProcesses, gate, force: true })
  return ended.filter(({ name }) => name === NAME)
}

async function assertWhole(old: string, at: string): Promise<void> {
  const ended = await recovered()
  assert.deepEqual(
    ended.filter(({ outcome }) => outcome !== 'committed' && outcome !== 'rolled-back'),
    [],
    at,
  )
  assert.deepEqual(await recovered(), [], `${at}: a second recovery finds nothing`)
  const all = await docker.containers.list({ all: true })
  const names = all.flatMap(({ Names }) => Names).filter((name) => name.startsWith(`/${NAME}`))
  assert.deepEqual(names, [`/${NAME}`], at)
  const { Id, State, HostConfig, Config } = await docker.containers.inspect(NAME)
  assert.equal(State.Running, true, at)
  assert.equal(HostConfig.RestartPolicy.Name, 'always', at)
  assert.equal(Config.Labels['version'], Id === old ? 'old' : 'new', at)
}

/** Kills at every changing call, before and after it, until there is none left. Gives the points. */
async function everywhere(kill: (k: number, when: When) => Promise<string | undefined>): Promise<string[]> {
  const points: string[] = []
  for (let k = 1; k < MOST; k++) {
    const at = await kill(k, 'before')
    if (at === undefined) return points
    points.push(at, (await kill(k, 'after')) ?? 'nothing')
  }
  throw new Error(`no end after ${MOST} calls: ${points.join(', ')}`)
}

function tell(t: TestContext, points: readonly string[], least: number): void {
  t.diagnostic(`killed at ${points.length} points: ${points.join(', ')}`)
  assert.ok(points.length >= least, `only ${points.length} points were reached: ${points.join(', ')}`)
}

test('kill -9 before and after every changing call: recover leaves one container that bears the name and runs', async (t) => {
  const points = await everywhere(async (k, when) => {
    const old = await setStage(GOOD)
    const at = await killed(REFRESH(), k, when)
    if (at !== undefined) await assertWhole(old, at)
    return at
  })
  tell(t, points, 14)
})

test('kill -9 at every changing call from the start of a release that exits on: the old container is back', async (t) => {
  const points = await everywhere(async (k, when) => {
    const old = await setStage(EXITS)
    const at = await killed(REFRESH(), k, when, ({ path }) => path.endsWith('/start'))
    if (at === undefined) return undefined
    await assertWhole(old, at)
    assert.equal((await docker.containers.inspect(NAME)).Id, old, at)
    return at
  })
  tell(t, points, 10)
})

// What is left for a recovery: after which call the refresh before it was killed.
const LEFT: readonly (readonly [what: string, release: readonly string[], last: RegExp, nth: number])[] = [
  ['the old container stopped and parked', GOOD, /\/rename$/, 1],
  ['the new one named and not started', GOOD, /\/rename$/, 2],
  ['the new one started', GOOD, /\/start$/, 1],
  ['a roll back half done', EXITS, /\/rename$/, 3],
]

for (const [what, release, last, nth] of LEFT) {
  test(`kill -9 at every changing call of a recovery that finds ${what}: the next one ends it`, async (t) => {
    const points = await everywhere(async (k, when) => {
      const old = await setStage(release)
      let seen = 0
      const first = await killed(REFRESH(), 1, 'after', ({ path }) => last.test(path) && ++seen === nth)
      assert.notEqual(first, undefined, `no call ${nth} of ${last.source}`)
      const at = await killed(RECOVER, k, when)
      if (at !== undefined) await assertWhole(old, at)
      return at
    })
    tell(t, points, 2)
  })
}
