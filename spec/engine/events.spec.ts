import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

import { hasCode } from '../../lib/base/errors.ts'
import type { Clock } from '../../lib/base/ports.ts'
import { connect, type Docker } from '../../lib/engine/connect.ts'
import type { WatchItem } from '../../lib/engine/events.ts'
import { httpDaemon, type Daemon } from '../support/daemon.ts'

// How long a replay is waited for: the only sleep that is one here.
const PATIENCE = 2000

// Times are above 2^53, as they are on real engines.
const FIRST = 1_795_444_888_000_000_001n

function line(n: number, id = 'c1'): string {
  return `{"Type":"container","Action":"start","Actor":{"ID":"${id}","Attributes":{}},"time":1795444888,"timeNano":${FIRST + BigInt(n)}}\n`
}

/** An engine that remembers events, and gives them to whoever asks for what was since then. */
class Events {
  #lines: string[] = []
  #live = new Set<ServerResponse>()
  readonly asked: string[] = []

  readonly handle = (url: string, response: ServerResponse): void => {
    const query = new URL(url, 'http://engine').searchParams
    this.asked.push(query.toString())
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.flushHeaders()
    const since = query.get('since')
    const within = (text: string): boolean => {
      const time = `${text.match(/"timeNano":(\d+)/)?.[1]}`
      const at = `${time.slice(0, -9)}.${time.slice(-9)}`
      return since !== null && at >= since
    }
    for (const text of this.#lines.filter(within)) response.write(text)
    this.#live.add(response)
    response.on('close', () => this.#live.delete(response))
  }

  tell(text: string): void {
    this.#lines.push(text)
    for (const response of this.#live) response.write(text)
  }

  /** What happens while nobody listens. */
  remember(text: string): void {
    this.#lines.push(text)
  }

  cut(): void {
    for (const response of this.#live) response.destroy()
  }

  end(): void {
    for (const response of this.#live) response.end()
  }

  /** As after a restart. */
  forget(): void {
    this.#lines = []
  }
}

// A clock on which waiting costs nothing, and that notes how long it was.
function quickClock(): Clock & { waits: number[] } {
  const waits: number[] = []
  return {
    waits,
    now: () => 0,
    monotonic: () => 0,
    sleep: async (ms, signal) => {
      if (ms !== PATIENCE) waits.push(ms)
      await delay(ms === PATIENCE ? 500 : 1, undefined, signal === undefined ? {} : { signal })
    },
  }
}

async function setUp(): Promise<{ engine: Events; daemon: Daemon; docker: Docker; waits: number[] }> {
  const engine = new Events()
  const daemon = await httpDaemon((request, response) => {
    if (request.url?.includes('/events') === true) engine.handle(request.url, response)
  })
  const clock = quickClock()
  const docker = await connect({
    host: daemon.host,
    apiVersion: '1.44',
    validate: 'strict',
    clock,
    random: { fraction: () => 0 },
  })
  return { engine, daemon, docker, waits: clock.waits }
}

async function take(watch: AsyncGenerator<WatchItem>): Promise<string> {
  const { value } = await watch.next()
  if (value === undefined) return 'end'
  return value.type === 'resync' ? `resync ${value.reason}` : String(BigInt(value.timeNano) - FIRST)
}

test('the first item says that what was before is not known, and then events come', async () => {
  const { engine, daemon, docker } = await setUp()
  await using _ = daemon
  await using client = docker
  const watch = client.system.watch({ filters: { type: ['container'] } })
  assert.equal(await take(watch), 'resync start')
  engine.tell(line(1))
  assert.equal(await take(watch), '1')
  assert.equal(engine.asked[0], 'filters=%7B%22type%22%3A%5B%22container%22%5D%7D')
  await watch.return()
})

test('after a cut nothing comes twice, nothing is missing, and there is no resync while the engine remembers', async () => {
  const { engine, daemon, docker } = await setUp()
  await using _ = daemon
  await using client = docker
  const watch = client.system.watch()
  await take(watch)
  for (const [n, end] of [
    [1, () => engine.cut()],
    [10, () => engine.end()],
  ] as const) {
    engine.tell(line(n))
    assert.equal(await take(watch), String(n))
    engine.tell(line(n, 'c2')) // at the very same time
    assert.equal(await take(watch), String(n))
    end()
    engine.remember(line(n + 1))
    assert.equal(await take(watch), String(n + 1))
  }
  await watch.return()
})

test('it asks again from a moment before the last event, in seconds and nanoseconds', async () => {
  const { engine, daemon, docker } = await setUp()
  await using _ = daemon
  await using client = docker
  const watch = client.system.watch()
  await take(watch)
  engine.tell(line(60_000_000))
  await take(watch)
  engine.cut()
  engine.remember(line(60_000_001))
  await take(watch)
  assert.deepEqual(engine.asked.slice(1), ['since=1795444888.010000001'])
  await watch.return()
})

test('an engine that has forgotten is followed by a resync, and then by what happens next', async () => {
  const { engine, daemon, docker } = await setUp()
  await using _ = daemon
  await using client = docker
  const watch = client.system.watch()
  await take(watch)
  engine.tell(line(1))
  await take(watch)
  engine.forget()
  engine.cut()
  assert.equal(await take(watch), 'resync gap')
  engine.tell(line(2))
  assert.equal(await take(watch), '2')
  await watch.return()
})

test('an engine that remembers only what came later is followed by a resync before that', async () => {
  const { engine, daemon, docker } = await setUp()
  await using _ = daemon
  await using client = docker
  const watch = client.system.watch()
  await take(watch)
  engine.tell(line(1))
  await take(watch)
  engine.forget()
  engine.cut()
  engine.remember(line(5))
  assert.equal(await take(watch), 'resync gap')
  assert.equal(await take(watch), '5')
  await watch.return()
})

test('a watch outlives an engine that is away for a while, waiting longer each time', async () => {
  const { engine, daemon, docker, waits } = await setUp()
  await using _ = daemon
  await using client = docker
  const watch = client.system.watch()
  await take(watch)
  engine.tell(line(1))
  await take(watch)
  await daemon.stop()
  const next = take(watch)
  while (waits.length < 12) await new Promise((resolve) => setTimeout(resolve, 5))
  engine.forget()
  await daemon.start()
  assert.equal(await next, 'resync gap')
  assert.deepEqual(waits.slice(0, 9), [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000])
  await watch.return()
})

test('a last line that was torn is a cut, and the event comes whole afterwards', async () => {
  const { engine, daemon, docker } = await setUp()
  await using _ = daemon
  await using client = docker
  const watch = client.system.watch()
  await take(watch)
  engine.tell(line(1))
  await take(watch)
  engine.tell(line(2).slice(0, 40))
  engine.cut()
  engine.remember(line(2))
  assert.equal(await take(watch), '2')
  await watch.return()
})

test('a failure at the first connection is thrown, and so is an abort', async () => {
  const { daemon, docker } = await setUp()
  await using _ = daemon
  await using client = docker
  const controller = new AbortController()
  const watch = client.system.watch({}, { signal: controller.signal })
  await take(watch)
  const next = watch.next()
  controller.abort()
  await assert.rejects(next, (error) => hasCode(error, 'ABORTED'))
  await daemon.stop()
  await assert.rejects(client.system.watch().next(), (error) => hasCode(error, 'ENGINE_UNREACHABLE'))
})

test('leaving a watch that is waiting closes its connection', async () => {
  const { daemon, docker } = await setUp()
  await using _ = daemon
  await using client = docker
  const watch = client.system.watch()
  await take(watch)
  await watch.return()
  for (let i = 0; i < 200 && daemon.open.size > 0; i++) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.equal(daemon.open.size, 0)
})
