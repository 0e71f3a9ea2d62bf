import assert from 'node:assert/strict'
import { test } from 'node:test'

import { silentLog, systemClock } from '../../lib/base/system.ts'
import type { Found, Reaping } from '../../lib/workspace/backend.ts'
import { memoryStore } from '../../lib/workspace/store/memory.ts'
import type { InstanceStore } from '../../lib/workspace/store/store.ts'
import { sweepOnce, type Sightings, type SweepOptions, type SweepReport } from '../../lib/workspace/sweep.ts'
import { watchOrphans } from '../../lib/workspace/watch-orphans.ts'

const A = '5eed0001-aaaa-4bbb-8ccc-123456789abc'
const B = '5eed0002-aaaa-4bbb-8ccc-123456789abc'
const KEY_A = A.slice(0, 12)
const KEY_B = B.slice(0, 12)
const HOUR = 3_600_000

const found = (key: string, changes: Partial<Found> = {}): Found => ({
  key,
  name: `ws-${key}`,
  instance: 'here',
  createdAt: systemClock.now() - HOUR,
  ...changes,
})

interface Yard {
  /** What each listing finds; an error makes it fail. */
  named: Found[] | Error
  labelled: Found[] | Error
  volumes: Found[] | Error
  /** Failures by `stop id` or `volumes id`. */
  failures: Set<string>
}

const list = async (what: Found[] | Error): Promise<Found[]> => {
  if (what instanceof Error) throw what
  return what
}

interface SweepWorld extends Yard {
  readonly store: InstanceStore
  /** `stop id`, `volumes id` in order. */
  readonly done: string[]
  /** Questions to the store. */
  readonly asked: string[]
  readonly reaper: Reaping
  sweep(options?: Partial<SweepOptions>): Promise<SweepReport>
}

async function sweepWorld(
  rows: Readonly<Record<string, 'removed' | 'online' | 'paused'>>,
  yard: Partial<Yard> = {},
): Promise<SweepWorld> {
  const inner = memoryStore()
  for (const [id, status] of Object.entries(rows)) await inner.save(id, { status })
  const asked: string[] = []
  const done: string[] = []
  const sightings: Sightings = new Map()
  const act = async (what: string): Promise<void> => {
    done.push(what)
    if (world.failures.has(what)) throw new Error(`cannot ${what}`)
  }
  const world: SweepWorld = {
    named: [],
    labelled: [],
    volumes: [],
    failures: new Set(),
    ...yard,
    done,
    asked,
    store: {
      ...inner,
      removedWith: (prefixes) => {
        asked.push(`removed ${prefixes.join(' ')}`)
        return inner.removedWith(prefixes)
      },
      knownOf: (prefixes) => {
        asked.push(`known ${prefixes.join(' ')}`)
        return inner.knownOf(prefixes)
      },
    },
    reaper: {
      named: () => list(world.named),
      labelled: () => list(world.labelled),
      unusedVolumes: () => list(world.volumes),
      stop: (id) => act(`stop ${id}`),
      removeVolumes: (id) => act(`volumes ${id}`),
    },
    sweep: (options = {}) =>
      sweepOnce(
        { reaper: world.reaper, store: world.store, clock: systemClock, log: silentLog },
        { instance: 'here', ...options },
        sightings,
      ),
  }
  return world
}

const gone = (...ids: string[]): string[] => ids.flatMap((id) => [`stop ${id}`, `volumes ${id}`])

test("TestSweepOnce_ReconcilesRunningRemovedRows: exactly the removed row's container and volumes go, by its full id", async () => {
  const world = await sweepWorld({ [A]: 'removed', [B]: 'online' }, { named: [found(KEY_A), found(KEY_B)] })
  const { items } = await world.sweep()
  assert.deepEqual(world.done, gone(A))
  assert.deepEqual(items, [{ id: A, pass: 'removed', outcome: 'reaped' }])
})

test('TestSweepOnce_NoRunningContainers: nothing found is nothing asked and nothing done', async () => {
  const world = await sweepWorld({ [A]: 'removed' })
  await world.sweep()
  assert.deepEqual([world.asked, world.done], [[], []])
})

test('TestSweepOnce_DockerListErrorSkipsCycle: an engine that cannot list is nothing asked and nothing done, and told', async () => {
  const error = new Error('daemon is down')
  const world = await sweepWorld({ [A]: 'removed' }, { named: error, labelled: error, volumes: error })
  const { skipped } = await world.sweep()
  assert.deepEqual([world.asked, world.done], [[], []])
  assert.deepEqual(
    skipped.map(({ pass }) => pass),
    ['removed', 'unknown', 'volumes'],
  )
})

test('TestSweepOnce_StopFailureLeavesVolume: a container that cannot be stopped keeps its volumes', async () => {
  const world = await sweepWorld({ [A]: 'removed' }, { named: [found(KEY_A)], failures: new Set([`stop ${A}`]) })
  const { items } = await world.sweep()
  assert.deepEqual(world.done, [`stop ${A}`])
  assert.equal(items[0]?.outcome, 'failed')
})

test('TestSweepOnce_VolumeRemoveErrorIsNonFatal: a volume that stays does not keep the next orphan', async () => {
  const world = await sweepWorld(
    { [A]: 'removed', [B]: 'removed' },
    { named: [found(KEY_A), found(KEY_B)], failures: new Set([`volumes ${A}`]) },
  )
  await world.sweep()
  assert.deepEqual(world.done, gone(A, B))
})

test('TestSweepOnce_FiltersNonWorkspacePrefixes: what is no beginning of an id never reaches the database', async () => {
  const strange = ['%', '_', '', 'not-a-ws', 'ab%cd', "a' --"].map((key) => found(key))
  const world = await sweepWorld(
    { [A]: 'removed' },
    { named: [...strange, found(KEY_A)], labelled: strange, volumes: strange },
  )
  await world.sweep()
  assert.deepEqual(world.asked, [`removed ${KEY_A}`])
})

test('TestStartOrphanSweeper_NilReaperIsNoOp: without an engine the watch is over at once', async () => {
  const ports = { reaper: undefined, store: memoryStore(), clock: systemClock, log: silentLog }
  await watchOrphans(ports, { instance: 'here', signal: new AbortController().signal })
})

test('TestSweepOnce_WipedDBReapsLabeledOrphans: marked containers without any row go with their volumes, once confirmed', async () => {
  const world = await sweepWorld({ [A]: 'online' }, { labelled: [found(KEY_B), found('ffff0000-aaa')] })
  await world.sweep()
  assert.deepEqual(world.done, [], 'one look is not enough')
  await world.sweep()
  assert.deepEqual(world.done, gone(KEY_B, 'ffff0000-aaa'))
})

test('TestSweepOnce_WipedDBSkipsLabeledContainersWithRows: a row of any status protects', async () => {
  const world = await sweepWorld({ [A]: 'paused', [B]: 'online' }, { labelled: [found(KEY_A), found(KEY_B)] })
  for (let look = 0; look < 3; look++) await world.sweep()
  assert.deepEqual(world.done, [])
})

test('TestSweepOnce_WipedDBReapsOnlyTheUnknownOnes: of a mixed lot only those without a row go', async () => {
  const world = await sweepWorld({ [A]: 'online' }, { labelled: [found(KEY_A), found(KEY_B)] })
  await world.sweep()
  await world.sweep()
  assert.deepEqual(world.done, gone(KEY_B))
})

test('TestSweepOnce_WipedDBSkippedOnDockerError: an engine that cannot list marked containers skips that pass alone', async () => {
  const world = await sweepWorld({ [A]: 'removed' }, { named: [found(KEY_A)], labelled: new Error('timeout') })
  const { skipped } = await world.sweep()
  assert.deepEqual(world.asked, [`removed ${KEY_A}`])
  assert.deepEqual(world.done, gone(A))
  assert.deepEqual(skipped, [{ pass: 'unknown', reason: 'timeout' }])
})

test('TestSweepOnce_WipedDBSkipsNonUUIDPrefixes: of marked containers with odd names only the plain one goes', async () => {
  const world = await sweepWorld({ [A]: 'online' }, { labelled: [found('postgres'), found('%'), found(KEY_B)] })
  await world.sweep()
  await world.sweep()
  assert.deepEqual(world.done, gone(KEY_B))
})

test("another platform's containers, and those that bear no platform's mark, are not reaped for want of a row", async () => {
  const strange = [found(KEY_B, { instance: 'sibling' }), found('ffff0000-aaa', { instance: undefined })]
  const world = await sweepWorld({ [A]: 'online' }, { named: strange, labelled: strange, volumes: strange })
  for (let look = 0; look < 3; look++) await world.sweep()
  assert.deepEqual(world.done, [])
})

test("a removed row does not reach another platform's container of the same beginning", async () => {
  const world = await sweepWorld({ [A]: 'removed' }, { named: [found(KEY_A, { instance: 'sibling' })] })
  await world.sweep()
  assert.deepEqual(world.done, [])
})

test('what is younger than the minimum age waits, however often it is seen', async () => {
  const young = found(KEY_B, { createdAt: systemClock.now() - 1000 })
  const world = await sweepWorld(
    { [A]: 'online' },
    { labelled: [young], volumes: [found('ffff0000-aaa', { createdAt: Infinity })] },
  )
  for (let look = 0; look < 4; look++) await world.sweep()
  assert.deepEqual(world.done, [])
  const { items } = await world.sweep()
  assert.deepEqual(
    items.map(({ outcome, reason }) => `${outcome}: ${reason}`),
    ['waiting: it is too young', 'waiting: it is too young'],
  )
})

test('sightings must follow one another: a look that finds a row, or that fails, begins anew', async () => {
  const world = await sweepWorld({ [A]: 'online' }, { labelled: [found(KEY_B)] })
  await world.sweep()
  world.labelled = new Error('busy')
  await world.sweep()
  world.labelled = [found(KEY_B)]
  await world.sweep()
  assert.deepEqual(world.done, [])
  await world.sweep()
  assert.deepEqual(world.done, gone(KEY_B))
})

test('one sweep reaps no more than its cap without a row; removed rows do not count', async () => {
  const keys = Array.from({ length: 8 }, (_, i) => `ffff000${i}-aaa`)
  const world = await sweepWorld({ [A]: 'removed' }, { named: [found(KEY_A)], labelled: keys.map((key) => found(key)) })
  await world.sweep({ maxReaped: 3, confirmations: 1 })
  assert.deepEqual(world.done, [...gone(A), ...gone(...keys.slice(0, 3))])
})

test('an empty store, which is how a wrong database looks, reaps nothing unless told', async () => {
  const world = await sweepWorld({}, { labelled: [found(KEY_A)], volumes: [found(KEY_B)] })
  for (let look = 0; look < 3; look++) {
    const { skipped } = await world.sweep()
    assert.match(skipped[0]?.reason ?? '', /no workspace at all/)
  }
  assert.deepEqual(world.done, [])
  await world.sweep({ allowEmptyStore: true, confirmations: 1 })
  assert.deepEqual(world.done, gone(KEY_A, KEY_B))
})

test('a dry run tells what would be done and does nothing', async () => {
  const world = await sweepWorld({ [A]: 'removed' }, { named: [found(KEY_A)], labelled: [found(KEY_B)] })
  const { items } = await world.sweep({ dryRun: true, confirmations: 1 })
  assert.deepEqual(items, [
    { id: A, pass: 'removed', outcome: 'would-reap' },
    { id: KEY_B, pass: 'unknown', outcome: 'would-reap' },
  ])
  assert.deepEqual(world.done, [])
})

test('volumes without a container are swept by the same rules', async () => {
  const world = await sweepWorld({ [A]: 'removed' }, { volumes: [found(KEY_A), found(KEY_B)] })
  await world.sweep()
  assert.deepEqual(world.done, gone(A))
  world.done.length = 0
  world.volumes = [found(KEY_B)]
  await world.sweep()
  assert.deepEqual(world.done, gone(KEY_B))
})

const hang: Reaping['named'] = ({ signal } = {}) =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))

test('a pass that takes too long ends, and the next one has its own time', async () => {
  const world = await sweepWorld({ [A]: 'online' }, { labelled: [found(KEY_B)] })
  Object.assign(world.reaper, { named: hang })
  const { skipped } = await world.sweep({ passTimeout: 100, confirmations: 1 })
  assert.deepEqual(
    skipped.map(({ pass }) => pass),
    ['removed'],
  )
  assert.deepEqual(world.done, gone(KEY_B))
})

test('the watch sweeps at once and again, and one failed round is not its end', async () => {
  const world = await sweepWorld({ [A]: 'removed' }, { named: [found(KEY_A)] })
  const stop = new AbortController()
  let sweeps = 0
  await watchOrphans(
    { reaper: world.reaper, store: world.store, clock: systemClock, log: silentLog },
    {
      instance: 'here',
      signal: stop.signal,
      interval: 1,
      onSweep: () => {
        if (++sweeps === 1) throw new Error('the reader of reports failed')
        if (sweeps === 3) stop.abort()
      },
    },
  )
  assert.equal(sweeps, 3)
})
