// The examples of dockerode, written for dockline: https://github.com/apocas/dockerode/tree/master/examples
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'

import type { Docker } from '../../../lib/engine/connect.ts'
import { importBusybox } from '../support/busybox.ts'
import { liveEngine, removeContainers } from '../support/engine.ts'
import { removeImage, uniqueName } from '../support/profile.ts'
import { startRegistry } from '../support/registry.ts'

const IMAGE = uniqueName('example-image')
const NAME = uniqueName('example')
let docker: Docker

before(async () => {
  docker = await liveEngine()
  await importBusybox(docker, IMAGE)
})

after(async () => {
  await removeContainers(docker, NAME)
  await removeImage(docker, IMAGE)
  await docker.close()
})

const limit = { timeout: 120_000 }
const create = async (suffix: string, ...Cmd: string[]): Promise<string> => {
  await docker.containers.create({ Image: IMAGE, Cmd }, { name: `${NAME}-${suffix}` })
  return `${NAME}-${suffix}`
}

test('run.js: create, attach, start, wait', limit, async () => {
  const id = await create('run', 'sh', '-c', 'echo out; echo err >&2; exit 2')
  const session = await docker.containers.attach(id)
  await docker.containers.start(id)
  const { stdout, stderr } = await session.collect()
  assert.deepEqual([stdout, stderr], ['out\n', 'err\n'])
  assert.equal((await docker.containers.wait(id)).StatusCode, 2)
})

test('run_stdin.js: what is written to an attached container is read by it', limit, async () => {
  const id = `${NAME}-stdin`
  await docker.containers.create({ Image: IMAGE, Cmd: ['cat'], OpenStdin: true, StdinOnce: true }, { name: id })
  const session = await docker.containers.attach(id, { stdin: true })
  await docker.containers.start(id)
  session.stdin?.end('one\ntwo\n')
  assert.equal(await session.text(), 'one\ntwo\n')
})

test('exec_running_container.js: a command with its streams', limit, async () => {
  const id = await create('exec', 'sleep', '60')
  await docker.containers.start(id)
  const { Id } = await docker.exec.create(id, {
    Cmd: ['sh', '-c', 'echo $VAR; cat; exit 3'],
    Env: ['VAR=ttslkfjsdalkfj'],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  })
  const session = await docker.exec.start(Id)
  session.stdin?.end('in')
  assert.equal(await session.text(), 'ttslkfjsdalkfj\nin')
  for (let polls = 0; (await docker.exec.inspect(Id)).Running && polls < 100; polls++)
    await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal((await docker.exec.inspect(Id)).ExitCode, 3)
})

test('logs.js: both streams into Node streams of their own', limit, async () => {
  const id = await create('logs', 'sh', '-c', 'echo a; echo b >&2; echo c')
  await docker.containers.start(id)
  await docker.containers.wait(id)
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  await docker.containers.logs(id, { follow: true }).writeTo({ stdout, stderr })
  stdout.end()
  stderr.end()
  assert.deepEqual(await Promise.all([text(stdout), text(stderr)]), ['a\nc\n', 'b\n'])
})

test('pull: a push and a pull with their progress', limit, async () => {
  await using registry = await startRegistry('open')
  const name = `${registry.host}/example:1`
  await docker.images.tag(IMAGE, { repo: `${registry.host}/example`, tag: '1' })
  try {
    const pushed = await docker.images.push(name)
    assert.equal(pushed.tag, '1')
    await docker.images.remove(name)
    let messages = 0
    const pull = docker.images.pull(name)
    for await (const _ of pull) messages++
    assert.ok(messages > 0)
    assert.match((await pull).id, /^sha256:/)
  } finally {
    await removeImage(docker, name)
  }
})

test('build: a folder with a Dockerfile, step by step', limit, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dockline-example-'))
  const t = `${IMAGE}:built`
  try {
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${IMAGE}\nLABEL example=yes\nCOPY file /file\n`)
    writeFileSync(join(folder, 'file'), 'content')
    let said = ''
    const build = docker.images.build({ context: folder }, { t })
    for await (const { stream } of build) said += stream ?? ''
    assert.match(said, /COPY file \/file/)
    assert.equal((await docker.images.inspect((await build).id)).Config?.Labels?.['example'], 'yes')
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await removeImage(docker, t)
  }
})

test('archive: a file into a container and out of it', limit, async () => {
  const id = await create('archive', 'sleep', '60')
  await docker.containers.putArchive(id, { path: '/tmp' }, [{ name: 'hello.txt', content: 'hello', mode: 0o600 }])
  const found: string[] = []
  for await (const { name, mode, content } of docker.containers.archive(id, { path: '/tmp/hello.txt' }).entries())
    found.push(`${name} ${mode.toString(8)} ${await content.text()}`)
  assert.deepEqual(found, ['hello.txt 600 hello'])
})

test('events: what happens to a container is told', limit, async () => {
  const id = `${NAME}-events`
  const seen: string[] = []
  for await (const item of docker.system.watch({ filters: { container: [id] } })) {
    if (item.type === 'resync') {
      await create('events', 'true')
      await docker.containers.start(id)
    } else seen.push(item.Action)
    if (seen.includes('die') || seen.includes('died')) break
  }
  assert.ok(seen.includes('start'))
})

test('stats: a report of a running container', limit, async () => {
  const id = await create('stats', 'sleep', '60')
  await docker.containers.start(id)
  const { Id } = await docker.containers.inspect(id)
  for await (const report of docker.containers.stats(id, { stream: false })) assert.equal(report.id, Id)
})
