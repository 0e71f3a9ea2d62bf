import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { after, before, test } from 'node:test'

import type { Docker } from '../../../lib/engine/connect.ts'
import { WAYS, streamOf, type Open } from '../../support/leaving.ts'
import { importBusybox } from '../support/busybox.ts'
import {
  connectStrictly,
  profileOf,
  removeContainer,
  removeImage,
  uniqueName,
  type Profile,
} from '../support/profile.ts'

const IMAGE = uniqueName('leaving-image')
const NAME = uniqueName('leaving')
const TIMES = Number(process.env['LIVE_LEAVES'] ?? 500)
// Nothing that was left may still be open then; how long it really takes is told.
const PATIENCE = 2000
const SLOW = 100
const AT_ONCE = 12

let docker: Docker
let profile: Profile
let silentPort: number
const held = new Set<Socket>()
const silent = createServer((socket) => {
  held.add(socket.on('error', () => {}).on('close', () => held.delete(socket)))
  socket.resume()
})

before(async () => {
  docker = await connectStrictly()
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  silentPort = (silent.address() as AddressInfo).port
  profile = await profileOf(docker)
  await importBusybox(docker, IMAGE)
  const Cmd = ['sh', '-c', 'dd if=/dev/zero of=/tmp/big bs=65536 count=256; while true; do echo tick; sleep 1; done']
  await docker.containers.create({ Image: IMAGE, Cmd, Tty: false }, { name: NAME })
  await docker.containers.start(NAME)
  const big = await docker.exec.run(NAME, {
    Cmd: ['sh', '-c', 'while [ $(stat -c %s /tmp/big) -lt 16777216 ]; do sleep 1; done'],
  })
  assert.equal(big.exitCode, 0)
})

after(async () => {
  silent.close()
  for (const socket of held) socket.destroy()
  await removeContainer(docker, NAME)
  await removeImage(docker, IMAGE)
  await docker.close()
})

const KINDS: Readonly<Record<string, Open>> = {
  logs: (_, signal) => streamOf(docker.containers.logs(NAME, { follow: true, tail: 1 }, { signal })),
  'lines of logs': (_, signal) => {
    const logs = docker.containers.logs(NAME, { follow: true, tail: 1 }, { signal })
    return streamOf(logs, () => logs.lines())
  },
  events: (_, signal) => streamOf(docker.system.events({ since: 1 }, { signal })),
  watch: (_, signal) => streamOf(docker.system.watch({}, { signal })),
  stats: (_, signal) => streamOf(docker.containers.stats(NAME, {}, { signal })),
  attach: async (_, signal) => streamOf(await docker.containers.attach(NAME, { logs: true }, { signal })),
  exec: async (_, signal) => {
    const { Id } = await docker.exec.create(NAME, { Cmd: ['sh', '-c', 'echo x; sleep 2'], AttachStdout: true })
    return streamOf(await docker.exec.start(Id, {}, { signal }))
  },
  pull: (_, signal) => {
    const pull = docker.images.pull(`127.0.0.1:${silentPort}/none/app:1`, {}, { signal })
    return streamOf(pull, () => underWay(pull[Symbol.asyncIterator]()))
  },
  build: (_, signal) => {
    const files = [
      { name: 'Dockerfile', content: `FROM ${IMAGE}\nRUN sleep 3 && echo ${randomBytes(8).toString('hex')}\n` },
    ]
    return streamOf(docker.images.build(files, { nocache: true, forcerm: true }, { signal }))
  },
  archive: (_, signal) => streamOf(docker.containers.archive(NAME, { path: '/tmp/big' }, { signal })),
}

// The registry says nothing, so there is no first item: the request is under way instead.
function underWay(stream: AsyncIterator<unknown>): AsyncIterator<unknown> {
  const first = stream.next()
  first.catch(() => {}) // an abort
  let asked = false
  return {
    next: async () => {
      if (asked) return first
      asked = true
      await new Promise((resolve) => setTimeout(resolve, 20))
      return { done: false, value: undefined }
    },
    return: async () => (await stream.return?.()) ?? { done: true, value: undefined },
    throw: async (error) => (await stream.throw?.(error)) ?? { done: true, value: undefined },
  }
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length - held.size // those of the registry below are the engine's
}

async function untilDescriptors(most: number): Promise<boolean> {
  const until = performance.now() + PATIENCE
  while (descriptors() > most && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 2))
  return descriptors() <= most
}

for (const [kind, open] of Object.entries(KINDS)) {
  test(`${kind}: left in every way, it leaves no descriptor`, async (t) => {
    const ways = Object.entries(WAYS)
    // Builds take the engine long, by their steps and not by being left.
    const times = Math.ceil((kind === 'build' ? TIMES / 10 : TIMES) / ways.length)
    // podman's conmon takes few attaches at a time, and answers more by 500 (EAGAIN).
    const atOnce = kind === 'attach' && profile.podman ? 1 : AT_ONCE
    await docker.ping()
    const before = descriptors()
    const took: number[] = []
    let open_ = 0
    const leaveOnce = async (leave: (typeof ways)[number][1]): Promise<void> => {
      const controller = new AbortController()
      const stream = await open(docker, controller.signal)
      let left = 0
      await leave(stream, controller, () => {
        left = performance.now()
      })
      took.push(performance.now() - left)
    }
    for (const [, leave] of ways) {
      for (let i = 0; i < times; i += atOnce) {
        await Promise.all(Array.from({ length: Math.min(atOnce, times - i) }, () => leaveOnce(leave)))
        // Those for short calls are kept, at most as many as there were calls at once.
        if (!(await untilDescriptors(before + AT_ONCE))) open_++
      }
    }
    const late = took.filter((ms) => ms > SLOW).length
    const count = took.length
    const slowest = Math.max(...took)
    t.diagnostic(
      `${profile.name}: ${kind} left ${count} times: ${late} later than ${SLOW} ms, slowest ${slowest.toFixed(0)} ms, ` +
        `${before} descriptors became ${descriptors()}`,
    )
    assert.equal(open_, 0)
    assert(late <= count / 10, `${late} of ${count} were left late`)
  })
}
