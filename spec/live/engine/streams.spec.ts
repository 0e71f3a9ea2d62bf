import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { after, before, test } from 'node:test'

import type { Docker } from '../../../lib/engine/connect.ts'
import { importBusybox } from '../support/busybox.ts'
import { connectStrictly, removeContainer, removeImage, uniqueName } from '../support/profile.ts'

const IMAGE = uniqueName('streams-image')
const NAME = uniqueName('streams')
const LOG_BYTES = Number(process.env['LIVE_LOG_BYTES'] ?? 64 << 20)
const GROWTH = 40 << 20

let docker: Docker

before(async () => {
  docker = await connectStrictly()
  await importBusybox(docker, IMAGE)
  await docker.containers.create({ Image: IMAGE, Cmd: ['sleep', '600'] }, { name: NAME })
  await docker.containers.start(NAME)
})

after(async () => {
  await removeContainer(docker, NAME)
  await removeImage(docker, IMAGE)
  await docker.close()
})

// How much higher the memory rises while the chunks are read than it was before, or when so many bytes had come.
async function peakGrowth(
  chunks: AsyncIterable<{ data: Uint8Array }>,
  warm = 0,
): Promise<{ bytes: number; growth: number }> {
  let before = process.memoryUsage().rss
  let [bytes, next, peak] = [0, 0, before]
  for await (const { data } of chunks) {
    bytes += data.length
    if (bytes < next) continue
    next = bytes + (2 << 20)
    const now = process.memoryUsage().rss
    if (bytes <= warm) before = Math.max(before, now)
    peak = Math.max(peak, now)
  }
  return { bytes, growth: peak - before }
}

test('a gigabyte of output passes without growing the memory', async (t) => {
  const { Id } = await docker.exec.create(NAME, {
    Cmd: ['dd', 'if=/dev/zero', 'bs=65536', 'count=16384'],
    AttachStdout: true,
  })
  const { bytes, growth } = await peakGrowth(await docker.exec.start(Id), 64 << 20)
  t.diagnostic(
    `${bytes >> 20} MB of output: the memory grew by ${Math.round(growth / (1 << 20))} MB after the first 64`,
  )
  assert.equal(bytes, 1 << 30)
  assert(growth < GROWTH, `grew by ${growth} bytes`)
})

test('logs of any length pass without growing the memory', async (t) => {
  const name = `${NAME}-logs`
  const line = 'x'.repeat(1023)
  const Cmd = ['sh', '-c', `yes ${line} | head -c ${LOG_BYTES}`]
  try {
    await docker.containers.create({ Image: IMAGE, Cmd }, { name })
    await docker.containers.start(name)
    await docker.containers.wait(name) // podman 4 ends a log that is followed where it is when the container ends
    const { bytes, growth } = await peakGrowth(docker.containers.logs(name))
    t.diagnostic(`${bytes >> 20} MB of logs: the memory grew by ${Math.round(growth / (1 << 20))} MB at most`)
    assert.equal(bytes, LOG_BYTES)
    assert(growth < GROWTH, `grew by ${growth} bytes`)
  } finally {
    await removeContainer(docker, name)
  }
})

test('a reader that waits makes the process wait', async () => {
  const { Id } = await docker.exec.create(NAME, {
    Cmd: ['dd', 'if=/dev/zero', 'bs=65536', 'count=4096'],
    AttachStdout: true,
  })
  const session = await docker.exec.start(Id)
  const reader = session[Symbol.asyncIterator]()
  await reader.next()
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.equal((await docker.exec.inspect(Id)).Running, true)
  let rest = 0
  for (let step = await reader.next(); step.done !== true; step = await reader.next()) rest += step.value.data.length
  assert(rest > 0)
  assert.equal((await docker.exec.inspect(Id)).Running, false)
})

test('closing stdin leaves the output flowing', async () => {
  const { Id } = await docker.exec.create(NAME, {
    Cmd: ['sh', '-c', 'wc -c; echo after >&2'],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  })
  const session = await docker.exec.start(Id)
  session.stdin?.end(Buffer.alloc(100_000))
  assert.deepEqual(await session.collect(), { stdout: '100000\n', stderr: 'after\n' })
})

test('output goes line by line, to Node streams, and into a text of limited size', async () => {
  const Cmd = ['sh', '-c', 'echo one; echo two; echo oops >&2']
  const start = async () => {
    const { Id } = await docker.exec.create(NAME, { Cmd, AttachStdout: true, AttachStderr: true })
    return docker.exec.start(Id)
  }
  const lines: string[] = []
  for await (const { stream, line } of (await start()).lines()) lines.push(`${stream}: ${line}`)
  assert.deepEqual(lines.toSorted(), ['stderr: oops', 'stdout: one', 'stdout: two'])
  const stdout = new PassThrough()
  await (await start()).writeTo({ stdout })
  assert.equal(String(stdout.read()), 'one\ntwo\n')
  await assert.rejects(async () => (await start()).text({ maxBytes: 3 }), { code: 'TOO_LARGE' })
})

test('errors of an upgrade stay what they are', async () => {
  await assert.rejects(docker.exec.start('0123456789abcdef'), { code: 'NOT_FOUND' })
  await assert.rejects(docker.containers.attach(uniqueName('none')), { code: 'NOT_FOUND' })
})

function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

test('an abort ends a session at once, and no descriptor is left', async () => {
  await docker.ping()
  const before = descriptors()
  for (let i = 0; i < 10; i++) {
    const controller = new AbortController()
    const { Id } = await docker.exec.create(NAME, { Cmd: ['sleep', '60'], AttachStdout: true, AttachStdin: true })
    const session = await docker.exec.start(Id, {}, { signal: controller.signal })
    const reading = session.text()
    controller.abort()
    await assert.rejects(reading, { code: 'ABORTED' })
    const logs = docker.containers.logs(NAME, { follow: true }, { signal: controller.signal })
    await assert.rejects(logs.text(), { code: 'ABORTED' })
  }
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert(descriptors() <= before + 2, `${before} descriptors became ${descriptors()}`)
})

test('a wait that is armed sees the end of a container that lives a moment only', async () => {
  const name = `${NAME}-wait`
  try {
    await docker.containers.create({ Image: IMAGE, Cmd: ['sh', '-c', 'exit 9'] }, { name })
    const exit = docker.containers.wait(name, { condition: 'next-exit' })
    await exit.armed
    await docker.containers.start(name)
    assert.equal((await exit).StatusCode, 9)
  } finally {
    await removeContainer(docker, name)
  }
})
