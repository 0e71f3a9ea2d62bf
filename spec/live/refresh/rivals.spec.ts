import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import type { Docker } from '../../../lib/engine/connect.ts'
import { findUnfinished } from '../../../lib/refresh/unfinished.ts'
import { chaosProxy } from '../../../lib/testing/chaos.ts'
import { dockerConfig, reportOf, startCli, type Ran } from '../support/cli.ts'
import { hostOf, liveEngine, removeContainers } from '../support/engine.ts'
import { pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'
import { IDLE } from './fidelity-cases.ts'

const PREFIX = 'rival-of-'
const NAMES = ['a', 'b', 'c'].map((letter) => PREFIX + letter)
// An image that was rolled back is not tried again, also not by a later run of this spec.
const RUN = `${process.pid}-${Date.now()}`
const ROUNDS = Number(process.env['LIVE_ROUNDS'] ?? 10)
const MOST = 40

let docker: Docker
let registry: LiveRegistry
let image: string
let login: ReturnType<typeof dockerConfig>
let releases = 0

before(async () => {
  docker = await liveEngine()
  registry = await startRegistry()
  login = dockerConfig(registry, registry.password)
  image = `${registry.host}/acme/rivals:latest`
  await removeContainers(docker, PREFIX)
})

after(async () => {
  await removeContainers(docker, PREFIX)
  login[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
  await docker.close()
})

async function release(Cmd: readonly string[] = IDLE): Promise<string> {
  const version = `${RUN}-${++releases}`
  await pushImage(registry, 'acme/rivals', 'latest', { Cmd, Labels: { version }, Volumes: { '/data': {} } })
  return version
}

async function run(names: readonly string[]): Promise<void> {
  await docker.images.pull(image, { auth: { username: registry.user, password: registry.password } })
  for (const name of names) {
    await docker.containers.create({ Image: image, HostConfig: { RestartPolicy: { Name: 'always' } } }, { name })
    await docker.containers.start(name)
  }
}

const refresh = (host = hostOf(docker), ...more: string[]) =>
  startCli(['refresh', '--image', image, '--name-prefix', PREFIX, '--stable-for', '0.3', '--json', ...more], {
    DOCKER_HOST: host,
    DOCKER_CONFIG: login.dir,
  })

/** What every container has, by name; and that there are no others and none half done. */
async function world(names: readonly string[]): Promise<Map<string, { version: string; volume: string; id: string }>> {
  const all = await docker.containers.list({ all: true })
  const own = all.flatMap(({ Names }) => Names).filter((name) => name.startsWith(`/${PREFIX}`))
  assert.deepEqual(
    own.toSorted(),
    names.map((name) => `/${name}`),
  )
  const open = (await findUnfinished(docker)).flatMap(({ operation }) => operation.map(({ marks }) => marks.name))
  assert.deepEqual(
    open.filter((name) => name.startsWith(PREFIX)),
    [],
  )
  const shown = new Map<string, { version: string; volume: string; id: string }>()
  for (const name of names) {
    const { Id, Config, Mounts, State, HostConfig } = await docker.containers.inspect(name)
    assert.equal(State.Running, true, name)
    assert.equal(HostConfig.RestartPolicy.Name, 'always', name)
    assert.equal(Mounts.length, 1, name)
    shown.set(name, { version: Config.Labels['version'] ?? '', volume: Mounts[0]?.Name ?? '', id: Id })
  }
  return shown
}

test(`${ROUNDS} rounds of two processes that refresh the same containers: each is there once, moved once, with its data`, async (t) => {
  await release()
  await run(NAMES)
  let shared = 0
  for (let round = 1; round <= ROUNDS; round++) {
    const before = await world(NAMES)
    const version = await release()
    const rivals = await Promise.all([refresh().ended, refresh(undefined, '--concurrency', '1').ended])
    const told = `round ${round}: ${rivals.map(({ stdout, stderr }) => stdout + stderr).join('\n')}`
    // Who finds one in the hands of the other has not moved it, and says so.
    for (const ran of rivals) {
      const skipped = reportOf(ran).containers.filter(({ outcome }) => outcome === 'skipped')
      assert.equal(ran.code, skipped.length > 0 ? 1 : 0, told)
    }
    const moved = rivals.flatMap((ran: Ran) => reportOf(ran).recreated)
    assert.deepEqual(moved.toSorted(), NAMES, told)
    if (rivals.every((ran) => reportOf(ran).recreated.length > 0)) shared++
    for (const [name, after] of await world(NAMES)) {
      assert.equal(after.version, version, told)
      assert.equal(after.volume, before.get(name)?.volume, told)
    }
  }
  t.diagnostic(`${ROUNDS} rounds, ${ROUNDS * NAMES.length} replacements; in ${shared} rounds both had a share`)
})

const RELEASES = [
  ['a good release', IDLE],
  ['a release that exits', ['/bin/false']],
] as const

for (const [what, program] of RELEASES) {
  test(`SIGTERM at each step of the replacement by ${what} ends at a safe point: exit 130, the world whole without a recovery`, async (t) => {
    const name = NAMES[0] as string
    await removeContainers(docker, PREFIX)
    await release()
    await run([name])
    const points: string[] = []
    for (let k = 1; k < MOST; k++) {
      const before = (await world([name])).get(name)
      const version = await release(program)
      let changing = 0
      let at: string | undefined
      await using proxy = await chaosProxy({
        target: hostOf(docker),
        onCall: (_, { method, path }, when) => {
          if (when !== 'before' || !/^(?:POST|DELETE)$/.test(method) || ++changing !== k) return
          at = `${method} ${path.replace(/[0-9a-f]{64}/, '{id}')}`
          running.child.kill('SIGTERM')
        },
      })
      const running = refresh(proxy.host)
      const ran = await running.ended
      if (at === undefined) break
      assert.equal(ran.code, 130, `${at}: ${ran.stdout}${ran.stderr}`)
      assert.equal(reportOf(ran).interrupted, true, at)
      const after = (await world([name])).get(name)
      assert.equal(after?.volume, before?.volume, at)
      if (reportOf(ran).recreated.length === 0) assert.equal(after?.id, before?.id, at)
      else assert.equal(after?.version, version, at)
      points.push(`${at} (${reportOf(ran).recreated.length === 0 ? 'back' : 'done'})`)
    }
    t.diagnostic(`SIGTERM at ${points.length} points, none needed a recovery: ${points.join(', ')}`)
    assert.ok(points.length >= 8, `only ${points.length} points: ${points.join(', ')}`)
  })
}
