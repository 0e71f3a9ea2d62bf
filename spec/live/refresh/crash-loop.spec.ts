// A container that keeps crashing, met at several moments of its loop: it is moved and the fixed image runs, each time.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { systemClock, systemRandom } from '../../../lib/base/system.ts'
import type { Docker } from '../../../lib/engine/connect.ts'
import { replace } from '../../../lib/refresh/replace.ts'
import { busyboxFiles } from '../support/busybox.ts'
import { liveEngine, removeContainers } from '../support/engine.ts'

const PREFIX = 'crash-loop-'
const REPO = 'dockline-crash-loop-spec'
const RUNS = 'trap "exit 0" TERM; sleep 300 & wait'

let docker: Docker
const ids: string[] = []

before(async () => {
  docker = await liveEngine()
  await removeContainers(docker, PREFIX)
  for (const cmd of ['sleep 0.7; exit 3', RUNS]) {
    const changes = [`CMD ["/bin/sh","-c",${JSON.stringify(cmd)}]`, 'ENV PATH=/bin']
    ids.push((await docker.images.import(busyboxFiles(), { repo: REPO, tag: `v${ids.length + 1}`, changes })).id)
  }
})

after(async () => {
  await removeContainers(docker, PREFIX)
  for (const id of ids) await docker.images.remove(id, { force: true }).catch(() => {})
  await docker.close()
})

async function moved(moment: number): Promise<void> {
  const name = `${PREFIX}${moment}`
  const [crashing = '', fixed = ''] = ids
  await docker.images.tag(crashing, { repo: REPO, tag: `of-${moment}` })
  const { Id } = await docker.containers.create(
    { Image: `${REPO}:of-${moment}`, StopTimeout: 5, HostConfig: { RestartPolicy: { Name: 'always' } } },
    { name },
  )
  await docker.containers.start(Id)
  await systemClock.sleep(3000 + moment * 250)
  await docker.images.tag(fixed, { repo: REPO, tag: `of-${moment}` })
  const ports = { clock: systemClock, random: systemRandom, gate: { stableFor: 3000 }, holder: name }
  const processes = { self: async () => name, state: async () => 'unknown' as const }
  const [replacement] = await replace({ engine: docker, processes, ...ports }, [{ id: Id, name, imageId: fixed }])
  assert.equal(replacement?.outcome, 'replaced', replacement?.reason)
  const { State, RestartCount, Id: now } = await docker.containers.inspect(name)
  assert.equal(State.Status, 'running')
  assert.equal(RestartCount, 0)
  assert.equal(now, replacement?.newId)
  await assert.rejects(docker.containers.inspect(Id), { code: 'NOT_FOUND' })
}

test('the fixed image runs, whenever the loop is met, and nothing is left of the old one', async () => {
  for (const moment of [0, 1, 2, 3]) await moved(moment)
})
