import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { hasCode } from '../../../lib/base/errors.ts'
import type { Docker } from '../../../lib/engine/connect.ts'
import { importBusybox } from '../support/busybox.ts'
import { liveEngine, removeContainers } from '../support/engine.ts'
import { uniqueName } from '../support/profile.ts'

const IMAGE = uniqueName('guard-image')
const NAME = uniqueName('guard')
let docker: Docker
let isPodman = false

before(async () => {
  docker = await liveEngine()
  isPodman = (await docker.version()).Components.some(({ Name }) => Name === 'Podman Engine')
  await importBusybox(docker, IMAGE)
})

after(async () => {
  await removeContainers(docker, NAME)
  await docker.images.remove(IMAGE, { force: true }).catch(() => {})
  await docker.close()
})

async function run(suffix: string, script: string, tty = false): Promise<string> {
  const name = `${NAME}-${suffix}`
  await docker.containers.create({ Image: IMAGE, Cmd: ['sh', '-c', script], Tty: tty }, { name })
  await docker.containers.start(name)
  return name
}

test('a wait for the removal tells how the container ended', { timeout: 60_000 }, async () => {
  const name = await run('wait', 'sleep 1; exit 3')
  const wait = docker.containers.wait(name, { condition: 'removed' })
  await wait.armed
  await docker.containers.wait(name)
  await docker.containers.remove(name)
  assert.equal((await wait).StatusCode, 3)
})

test('a stop that waits for ever stops, and a restart that does restarts', { timeout: 60_000 }, async () => {
  const name = await run('stop', 'trap "exit 5" TERM; while :; do sleep 0.1; done')
  await docker.containers.stop(name, { t: -1 })
  await docker.containers.restart(name, { t: -1 })
  assert.equal((await docker.containers.inspect(name)).State.Running, true)
})

test('events until a moment in the past are told, and no later ones', { timeout: 60_000 }, async () => {
  const since = Date.now() / 1000 - 1
  const name = await run('events', 'exit 0')
  await docker.containers.wait(name)
  await new Promise((resolve) => setTimeout(resolve, 1500))
  const until = Date.now() / 1000 - 0.5
  await docker.containers.remove(name)
  const actions: string[] = []
  for await (const { Action } of docker.system.events({ since, until, filters: { container: [name] } }))
    actions.push(Action)
  assert.ok(actions.includes('start') && actions.includes('die'), actions.join())
  assert.equal(actions.includes('destroy') || actions.includes('remove'), false)
})

test('a forced removal of an image spares the container that runs', { timeout: 60_000 }, async () => {
  const name = await run('image', 'sleep 60')
  const removal = docker.images.remove(IMAGE, { force: true })
  if (isPodman) await assert.rejects(removal, (error) => hasCode(error, 'CONFLICT'))
  else await removal
  assert.equal((await docker.containers.inspect(name)).State.Running, true)
  await docker.containers.remove(name, { force: true })
  if (!isPodman) await importBusybox(docker, IMAGE)
})

test('attaching to what has ended is refused, and its exit code stays', { timeout: 60_000 }, async () => {
  const name = await run('attach', 'exit 3')
  await docker.containers.wait(name)
  await assert.rejects(docker.containers.attach(name), (error) => hasCode(error, 'CONFLICT'))
  assert.equal((await docker.containers.inspect(name)).State.ExitCode, 3)
})

for (const tty of [false, true]) {
  test(`a long line has one timestamp${tty ? ' with a TTY' : ''}`, { timeout: 60_000 }, async () => {
    const name = await run(`log-${tty}`, 'head -c 40000 /dev/zero | busybox tr "\\0" x; echo; echo short', tty)
    await docker.containers.wait(name)
    const lines: string[] = []
    for await (const { line } of docker.containers.logs(name, { timestamps: true }).lines()) lines.push(line)
    assert.deepEqual(
      lines.map((line) => line.replace(/^\S+ /, '')),
      ['x'.repeat(40_000), 'short'],
    )
    for (const line of lines) assert.match(line, /^\d{4}-\d\d-\d\dT\S+ /)
  })
}

test('a network of any name that the engine takes is inspected and removed', { timeout: 60_000 }, async () => {
  for (const text of [`${NAME} a`, `${NAME}/b`, `${NAME}ü`, `${NAME}?x`, `${NAME}%41`]) {
    const created = await docker.networks.create({ Name: text }).catch((error: unknown) => error)
    if (isPodman) assert.ok(hasCode(created, 'ENGINE_ERROR', 'BAD_REQUEST'), String(created))
    else {
      assert.equal((await docker.networks.inspect(text)).Name, text)
      await docker.networks.remove(text)
    }
  }
})
