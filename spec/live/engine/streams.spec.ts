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

// How much higher the memory rises in the second half than in the first: what is only waiting for the garbage collector
// is in both.
async function peakGrowth(
  chunks: AsyncIterable<{ data: Uint8Array }>,
  expected: number,
): Promise<{ bytes: number; growth: number }> {
  const peaks = [0, 0]
  let bytes = 0
  let next = 0
  for await (const { data } of chunks) {
    bytes += data.length
    if (bytes < next) continue
    next = bytes + (2 << 20)
    const half = bytes < expected / 2 ? 0 : 1
    peaks[half] = Math.max(peaks[half] as number, process.memoryUsage().rss)
  }
  return { bytes, growth: (peaks[1] as number) - (peaks[0] as number) }
}

test('a gigabyte of output passes without growing the memory', async () => {
  const { Id } = await docker.exec.create(NAME, {
    Cmd: ['dd', 'if=/dev/zero', 'bs=65536', 'count=16384'],
    AttachStdout: true,
  })
  const { bytes, growth } = await peakGrowth(await docker.exec.start(Id), 1 << 30)
  assert.equal(bytes, 1 << 30)
  assert(growth < GROWTH, `grew by ${growth} bytes`)
})

test('logs of any length pass without growing the memory', async () => {
  const name = `${NAME}-logs`
  const line = 'x'.repeat(1023)
  const Cmd = ['sh', '-c', `yes ${line} | head -c ${LOG_BYTES}`]
  try {
    await docker.containers.create({ Image: IMAGE, Cmd }, { name })
    await docker.containers.start(name)
    await docker.containers.wait(name) // podman 4 ends a log that is followed where it is when the container ends
    const { bytes, growth } = await peakGrowth(docker.containers.logs(name), LOG_BYTES)
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
