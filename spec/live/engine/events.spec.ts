import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect as openSocket, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import type { Docker } from '../../../lib/engine/connect.ts'
import type { WatchItem } from '../../../lib/engine/events.ts'
import { importBusybox } from '../support/busybox.ts'
import { pastEvents } from '../support/past-events.ts'
import { connectStrictly, profileOf, removeContainer, removeImage, uniqueName } from '../support/profile.ts'

const IMAGE = uniqueName('events-image')
const NAME = uniqueName('events')
const FILTERS = { filters: { container: [NAME], event: ['create', 'rename', 'destroy', 'remove'] } }

/** A proxy in front of the engine that can be cut. */
interface Proxy extends AsyncDisposable {
  readonly host: string
  cut(): void
}

async function proxyTo(socketPath: string): Promise<Proxy> {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-events-'))
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const engine = openSocket(socketPath)
    for (const socket of [client, engine])
      socket.on('error', () => client.destroy()).on('close', () => engine.destroy())
    client.pipe(engine).pipe(client)
    sockets.add(client)
  })
  const path = join(dir, 'docker.sock')
  await new Promise<void>((resolve) => void server.listen(path, resolve))
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    host: `unix://${path}`,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut()
      server.close()
      await rm(dir, { recursive: true })
    },
  }
}

let docker: Docker

before(async () => {
  docker = await connectStrictly()
  await importBusybox(docker, IMAGE)
})

after(async () => {
  await removeContainer(docker, NAME)
  await removeImage(docker, IMAGE)
  await docker.close()
})

async function take(watch: AsyncGenerator<WatchItem>): Promise<string> {
  const { value } = await watch.next()
  return value === undefined ? 'end' : value.type === 'resync' ? value.reason : value.Action
}

test('a watch that is cut again and again tells each event once, those of the gaps too', async () => {
  assert.equal(docker.endpoint.kind, 'unix')
  await using proxy = await proxyTo(docker.endpoint.kind === 'unix' ? docker.endpoint.socketPath : '')
  await using client = await connectStrictly({ host: proxy.host })
  const { podman } = await profileOf(docker)
  const watch = client.system.watch(FILTERS, { signal: AbortSignal.timeout(60_000) })
  assert.equal(await take(watch), 'start')
  await docker.containers.create({ Image: IMAGE }, { name: NAME })
  assert.equal(await take(watch), 'create')
  for (let round = 0; round < 3; round++) {
    proxy.cut()
    await docker.containers.remove(NAME)
    await docker.containers.create({ Image: IMAGE }, { name: NAME })
    assert.equal(await take(watch), podman ? 'remove' : 'destroy')
    assert.equal(await take(watch), 'create')
  }
  await watch.return()
})

test('the events of an engine have times that order them to the nanosecond', async () => {
  const times = (await pastEvents(docker, FILTERS.filters)).map(({ timeNano }) => BigInt(timeNano))
  assert.ok(times.length > 3)
  assert.deepEqual(
    times,
    times.toSorted((a, b) => (a < b ? -1 : 1)),
  )
  assert.ok(times.every((time) => time > 2n ** 53n))
})
