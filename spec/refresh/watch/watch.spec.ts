import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ConnectionError } from '../../../lib/base/errors.ts'
import type { ContainerEvent, TickOutcome, WatchOptions, WatchPorts } from '../../../lib/refresh/watch/options.ts'
import { watch, watchOnce } from '../../../lib/refresh/watch/watch.ts'
import { runtimeTarget } from '../../../lib/refresh/target.ts'
import { CREWAI, HERMES, MINUTE, image, targets, watchScene, type WatchScene } from '../../support/watching.ts'

const one = { images: { [HERMES]: image('1') }, containers: [{ name: 'ws-hermes', Image: HERMES }] }

interface Watched {
  /** How the ticks went, with the minute of the clock at their end. */
  readonly outcomes: (TickOutcome & { minute: number })[]
  readonly ended: Promise<void>
}

/** Watches until so many ticks are over. */
function watchFor(
  ticks: number,
  scene: WatchScene,
  more: { options?: Partial<WatchOptions>; ports?: Partial<WatchPorts>; onTick?: (n: number) => void } = {},
): Watched {
  const stop = new AbortController()
  const begun = scene.clock.monotonic()
  const outcomes: Watched['outcomes'] = []
  const onTick = (outcome: TickOutcome): void => {
    outcomes.push({ ...outcome, minute: (scene.clock.monotonic() - begun) / MINUTE })
    more.onTick?.(outcomes.length)
    if (outcomes.length === ticks) stop.abort(new Error('enough'))
  }
  const ports = { ...scene.ports, ...more.ports }
  const ended = watch(ports, { ...scene.options, ...more.options, onTick, signal: stop.signal })
  return { outcomes, ended }
}

/** Events that a spec makes happen. */
function eventLine(): { port: NonNullable<WatchPorts['events']>; send: (event: ContainerEvent) => void } {
  const waiting: ((event: ContainerEvent) => void)[] = []
  return {
    send: (event) => waiting.splice(0).forEach((deliver) => deliver(event)),
    port: async function* (signal) {
      while (!signal.aborted) {
        yield await new Promise<ContainerEvent>((resolve, reject) => {
          waiting.push(resolve)
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
        })
      }
    },
  }
}

test('it says that it started and why it stops, looks at once, and then every five minutes', async () => {
  const runtimes = ['hermes', 'crewai'].map((name) => runtimeTarget(name, {}))
  const scene = await watchScene({ ...one, targets: runtimes })
  const { outcomes, ended } = watchFor(3, scene)
  await ended
  assert.deepEqual(
    outcomes.map(({ minute }) => minute),
    [0, 5, 10],
  )
  assert.equal(scene.lines[0], 'image-auto-refresh: started (interval=5m0s, runtimes=2)')
  assert.equal(scene.lines.at(-1), 'image-auto-refresh: stopping (enough)')
})

test('the interval has a jitter of a tenth to both sides, so that hosts do not ask together', async () => {
  for (const [fraction, minute] of [
    [0, 4.5],
    [1, 5.5],
  ] as const) {
    const scene = await watchScene(one)
    const { outcomes, ended } = watchFor(2, scene, { ports: { random: { id: () => 'id', fraction: () => fraction } } })
    await ended
    assert.equal(outcomes[1]?.minute, minute)
  }
})

test('an interval below 30 seconds is refused before anything is asked', async () => {
  const scene = await watchScene(one)
  for (const interval of [0, 29_999, Number.NaN])
    await assert.rejects(watch(scene.ports, { ...scene.options, interval }), { code: 'INPUT_INVALID' })
  assert.deepEqual(scene.engine.calls, [])
})

test('a container that appears is looked at within half a minute, and only its reference is asked for', async () => {
  const scene = await watchScene({ ...one, images: { ...one.images, [CREWAI]: image('1') } })
  scene.publish(CREWAI, image('2'))
  const { port, send } = eventLine()
  const { outcomes, ended } = watchFor(2, scene, {
    ports: { events: port },
    onTick: (n) => {
      if (n !== 1) return
      scene.asked.length = 0
      void (async () => {
        const { Id } = await scene.docker.containers.create({ Image: CREWAI }, { name: 'ws-new' })
        await scene.docker.containers.start(Id)
        for (let i = 0; i < 20; i++) send({ Action: 'start' })
      })()
    },
  })
  await ended
  assert.ok((outcomes[1]?.minute ?? 9) <= 0.6, String(outcomes[1]?.minute))
  assert.deepEqual(scene.asked, [CREWAI])
  assert.equal(scene.versions()['ws-new'], '2')
})

test('a storm of events makes no more than two ticks a minute and no questions', async () => {
  const scene = await watchScene(one)
  const { port, send } = eventLine()
  const { outcomes, ended } = watchFor(6, scene, {
    ports: { events: port },
    onTick: () => void setImmediate(() => send({ Action: 'create' })),
  })
  await ended
  assert.ok((outcomes.at(-1)?.minute ?? 0) >= 2.5)
  assert.deepEqual(scene.asked, [HERMES])
})

test('what other containers do wakes nobody', async () => {
  const scene = await watchScene(one)
  const { port, send } = eventLine()
  const { outcomes, ended } = watchFor(2, scene, {
    ports: { events: port },
    onTick: () => {
      setImmediate(() => send({ Action: 'die' }))
    },
  })
  await ended
  assert.equal(outcomes[1]?.minute, 5)
})

async function* broke(): AsyncGenerator<ContainerEvent> {
  yield { type: 'resync', reason: 'start' }
  throw new ConnectionError('CONNECTION_LOST', 'the line was cut')
}

test('without events of the engine the ticks go on, and it is told once', async () => {
  const scene = await watchScene(one)
  const { outcomes, ended } = watchFor(3, scene, { ports: { events: broke } })
  await ended
  assert.deepEqual(
    outcomes.map(({ minute, failures }) => [minute, failures]),
    [
      [0, 0],
      [5, 0],
      [10, 0],
    ],
  )
  assert.equal(scene.lines.filter((line) => line.includes('no events of the engine')).length, 1)
})

test('an engine that is away for a while is looked for again soon, and the count starts anew', async () => {
  const scene = await watchScene(one)
  scene.engine.faults = ({ n }) => (n <= 4 ? { kind: 'before', action: 'lose' } : undefined)
  const { outcomes, ended } = watchFor(6, scene)
  await ended
  assert.deepEqual(
    outcomes.map(({ failures }) => failures),
    [1, 2, 3, 4, 0, 0],
  )
  assert.ok((outcomes.find(({ failures }) => failures === 0)?.minute ?? 9) < 1)
})

test('a watch that only fails says so at each tick, and ends with the last error', async () => {
  const scene = await watchScene(one)
  scene.engine.faults = () => ({ kind: 'before', action: 'error' })
  const { outcomes, ended } = watchFor(99, scene)
  await assert.rejects(ended, { code: 'ENGINE_ERROR' })
  assert.deepEqual(
    outcomes.map(({ failures }) => failures),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  )
  assert.equal(scene.lines.filter((line) => line.includes('tick failed')).length, 10)
})

test('a watch that no registry answers ends, too; one that is asked for patience does not', async () => {
  const blind = await watchScene(one)
  blind.answer(HERMES, 'CREDENTIALS_REJECTED')
  await assert.rejects(watchFor(99, blind).ended, { code: 'REGISTRY_UNAVAILABLE' })
  const patient = await watchScene(one)
  patient.answer(HERMES, 'RATE_LIMITED')
  const { outcomes, ended } = watchFor(30, patient)
  await ended
  assert.equal(outcomes.length, 30)
})

test('it wakes for a window that opens between two ticks', async () => {
  const scene = await watchScene(one)
  const opens = scene.clock.now() + 2 * MINUTE
  const windows = { isOpen: (now: number) => now >= opens, untilOpen: (now: number) => Math.max(opens - now, 0) }
  scene.publish(HERMES, image('2'))
  const { outcomes, ended } = watchFor(2, scene, { options: { windows } })
  await ended
  assert.equal(outcomes[0]?.tick?.images[0]?.verdict, 'closed')
  assert.ok(outcomes[1]?.tick?.report !== undefined)
  assert.ok((outcomes[1]?.minute ?? 9) < 3)
  assert.deepEqual(scene.asked, [HERMES])
})

test('what an earlier run left unfinished is ended before the first look', async () => {
  const scene = await watchScene({ ...one, targets: targets(HERMES) })
  scene.publish(HERMES, image('2'))
  scene.engine.faults = ({ method, path }) =>
    method === 'DELETE' || path.includes('/rename') ? { kind: 'before', action: 'lose' } : undefined
  await watchOnce(scene.ports, scene.options)
  assert.ok(scene.engine.containers().length > 1, 'something is left')
  scene.engine.faults = undefined
  const later = { ...scene.ports, processes: { self: async () => 'later', state: async () => 'dead' as const } }
  await watchOnce(later, scene.options)
  assert.deepEqual(scene.versions(), { 'ws-hermes': '2' })
})

test('an engine that stays away in the middle of a move is waited for, and what it left is ended by the watch', async () => {
  const scene = await watchScene(one)
  const [before] = scene.engine.containers()
  let isCut = false
  scene.engine.faults = ({ path }) => {
    if (isCut || !path.endsWith('/stop')) return undefined
    isCut = true
    return { kind: 'after', action: 'lose', run: () => scene.engine.restart({ awayFor: 7 * MINUTE }) }
  }
  scene.publish(HERMES, image('2'))
  const seen: string[] = []
  const { outcomes, ended } = watchFor(12, scene, {
    onTick: () =>
      void seen.push(
        scene.engine
          .containers()
          .map(({ name, status }) => `${name} ${status}`)
          .join(),
      ),
  })
  await ended
  assert.ok(isCut)
  assert.ok(
    seen.some((world) => world !== 'ws-hermes running'),
    'it is down, or half done, while the engine is away',
  )
  assert.equal(seen.at(-1), 'ws-hermes running')
  assert.deepEqual(scene.versions(), { 'ws-hermes': '2' })
  assert.notEqual(scene.engine.containers()[0]?.id, before?.id)
  assert.equal(outcomes.at(-1)?.failures, 0)
})
