import assert from 'node:assert/strict'
import { test } from 'node:test'

import { silentLog, systemClock } from '../../lib/base/system.ts'
import type { Backend, Status } from '../../lib/workspace/backend.ts'
import { cacheKeys, checkHealth, remoteStaleAfter, watchHealth, type HealthPorts } from '../../lib/workspace/health.ts'
import { workspaceLabels } from '../../lib/workspace/labels.ts'
import { memoryStore } from '../../lib/workspace/store/memory.ts'
import type { InstanceStore } from '../../lib/workspace/store/store.ts'
import { engineError } from '../support/small-engine.ts'
import { ID, workspaceWorld } from '../support/workspace-world.ts'

interface HealthWorld {
  readonly store: InstanceStore
  readonly ports: HealthPorts
  readonly offline: string[]
  readonly dropped: string[]
}

function healthWorld(checker: Pick<Backend, 'status'> | undefined): HealthWorld {
  const store = memoryStore()
  const offline: string[] = []
  const dropped: string[] = []
  const ports: HealthPorts = {
    checker,
    store,
    clock: systemClock,
    log: silentLog,
    dropKeys: async (keys) => void dropped.push(...keys),
    onOffline: (id) => void offline.push(id),
  }
  return { store, ports, offline, dropped }
}

const always = (status: Status): Pick<Backend, 'status'> => ({ status: async () => status })

test('TestSweepOnlineWorkspaces_DeadContainer: one that is stopped goes offline, its keys are dropped, and that is told once', async () => {
  const { store, ports, offline, dropped } = healthWorld(always({ state: 'stopped' }))
  await store.save(ID, { status: 'online', url: 'http://a' })
  await checkHealth(ports)
  await checkHealth(ports)
  assert.equal((await store.get(ID))?.status, 'offline')
  assert.deepEqual(dropped, [`ws:${ID}`, `ws:${ID}:url`, `ws:${ID}:internal_url`])
  assert.deepEqual(dropped, cacheKeys(ID))
  assert.deepEqual(offline, [ID])
})

test('TestSweepOnlineWorkspaces_RunningContainer: one that runs is left as it is', async () => {
  const { store, ports, offline, dropped } = healthWorld(always({ state: 'running' }))
  await store.save(ID, { status: 'degraded', url: 'http://a' })
  const before = await store.get(ID)
  await checkHealth(ports)
  assert.deepEqual(await store.get(ID), before)
  assert.deepEqual([offline, dropped], [[], []])
})

test('TestStartHealthSweep_NilChecker: without a checker the watch still ends with its signal', async () => {
  const { ports } = healthWorld(undefined)
  await watchHealth(ports, { signal: AbortSignal.timeout(20), interval: 1 })
})

test('TestStartHealthSweep_NilCheckerRunsRemoteSweep: and agents elsewhere are still looked after', async () => {
  const { store, ports, offline } = healthWorld(undefined)
  await store.save(ID, { status: 'online', runtime: 'external', lastHeartbeatAt: 1 })
  const stop = new AbortController()
  const onOffline = (id: string): void => {
    offline.push(id)
    stop.abort()
  }
  await watchHealth({ ...ports, onOffline }, { signal: stop.signal, interval: 1 })
  assert.deepEqual(offline, [ID])
})

const EXTERNAL = { status: 'online', runtime: 'external' } as const

test('TestSweepStaleRemoteWorkspaces_MarksStaleOffline: agents elsewhere whose heartbeat is old go offline, each told once', async () => {
  const { store, ports, offline } = healthWorld(undefined)
  await store.save('a', { ...EXTERNAL, lastHeartbeatAt: systemClock.now() - 91_000 })
  await store.save('b', { ...EXTERNAL, lastHeartbeatAt: 1 })
  await store.save('fresh', { ...EXTERNAL, lastHeartbeatAt: systemClock.now() - 60_000 })
  await store.save('new', EXTERNAL)
  await checkHealth(ports)
  assert.deepEqual(offline, ['a', 'b'])
  assert.equal((await store.get('a'))?.status, 'offline')
  assert.equal((await store.get('fresh'))?.status, 'online')
  assert.equal((await store.get('new'))?.status, 'online', 'one that never reported counts from its last change')
})

test('TestSweepStaleRemoteWorkspaces_NoStaleWorkspaces: none is stale, none is told', async () => {
  const { store, ports, offline } = healthWorld(undefined)
  await store.save('a', { ...EXTERNAL, lastHeartbeatAt: systemClock.now() })
  await checkHealth(ports)
  assert.deepEqual(offline, [])
})

test('TestSweepStaleRemoteWorkspaces_NilCallbackNoPanic: with nobody to tell the row is changed all the same', async () => {
  const { store, ports } = healthWorld(undefined)
  await store.save('a', { ...EXTERNAL, lastHeartbeatAt: 1 })
  await checkHealth({ ...ports, onOffline: undefined, dropKeys: undefined })
  assert.equal((await store.get('a'))?.status, 'offline')
})

test('TestSweepStaleRemoteWorkspaces_QueryErrorLogged: a store that cannot be asked is logged, and the watch goes on', async () => {
  const { ports, offline } = healthWorld(undefined)
  const lines: string[] = []
  const stop = new AbortController()
  let asked = 0
  const withStatus = async (): Promise<never> => {
    if (++asked === 3) stop.abort()
    throw new Error('db down')
  }
  const log = {
    info: () => {},
    warn: (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`),
  }
  await watchHealth({ ...ports, store: { ...ports.store, withStatus }, log }, { signal: stop.signal, interval: 1 })
  assert.equal(asked, 3)
  assert.match(lines[0] ?? '', /health watch failed .*db down/)
  assert.deepEqual(offline, [])
})

test('TestRemoteStaleAfter_DefaultWhenUnset: 90 seconds', () => {
  assert.equal(remoteStaleAfter({}), 90_000)
})

test('TestRemoteStaleAfter_HonorsValidOverride: a number of seconds', () => {
  assert.equal(remoteStaleAfter({ REMOTE_LIVENESS_STALE_AFTER: '45' }), 45_000)
})

test('TestRemoteStaleAfter_FallsBackOnGarbage: what is no positive number means the default', () => {
  for (const text of ['abc', '0', '-10', '', '1.5'])
    assert.equal(remoteStaleAfter({ REMOTE_LIVENESS_STALE_AFTER: text }), 90_000, text)
})

test('six containers on an engine that is too busy to answer stay online: not one is restarted', async () => {
  await using world = await workspaceWorld()
  const { store, ports, offline } = healthWorld(world.backend)
  const ids = Array.from({ length: 6 }, (_, i) => `5eed000${i}-aaaa-4bbb-8ccc-123456789abc`)
  for (const id of ids) {
    world.engine.add(`ws-${id}`, { body: { Labels: workspaceLabels(id, 'here') } })
    await store.save(id, { status: 'online', runtime: 'langgraph', url: 'http://a' })
  }
  const busy = [
    () => new Promise<never>(() => {}),
    async () => engineError(500, 'context deadline exceeded'),
    async () => undefined,
  ]
  for (const answer of busy) {
    world.engine.intercept = answer
    const { unknown } = await checkHealth(ports, { checkTimeout: 100 })
    assert.deepEqual(unknown, ids)
  }
  assert.deepEqual(offline, [])
  assert.equal((await store.withStatus(['online'])).length, 6)

  world.engine.intercept = () => 'pass'
  world.engine.containers.delete(`ws-${ids[3]}`)
  const { offline: dead } = await checkHealth(ports)
  assert.deepEqual(dead, [ids[3]], 'when it answers again, only what is really gone goes offline')
  assert.deepEqual(offline, [ids[3]])
})

test('at the same time no more are looked at than allowed', async () => {
  let [now, most] = [0, 0]
  const checker = {
    status: async (): Promise<Status> => {
      most = Math.max(most, ++now)
      await systemClock.sleep(1)
      now--
      return { state: 'running' }
    },
  }
  const { store, ports } = healthWorld(checker)
  for (let i = 0; i < 12; i++) await store.save(`w${i}`, { status: 'online' })
  await checkHealth(ports, { concurrency: 3 })
  assert.equal(most, 3)
})

test('a callback that fails does not keep the others from being told', async () => {
  const { store, ports } = healthWorld(always({ state: 'stopped' }))
  await store.save('a', { status: 'online' })
  await store.save('b', { status: 'online' })
  const told: string[] = []
  const onOffline = (id: string): void => {
    told.push(id)
    throw new Error('restart failed')
  }
  const { offline } = await checkHealth({ ...ports, onOffline })
  assert.deepEqual(
    [told, offline],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
  )
})

test('a checker that throws in the place of an answer tells nothing', async () => {
  const { store, ports, offline } = healthWorld({ status: () => Promise.reject(new Error('bug')) })
  await store.save('a', { status: 'online' })
  assert.deepEqual(await checkHealth(ports), { offline: [], unknown: ['a'] })
  assert.deepEqual(offline, [])
})
