import assert from 'node:assert/strict'
import { test } from 'node:test'

import { isRemovedIn, workspaceLife } from '../../lib/workspace/life.ts'
import { memoryStore } from '../../lib/workspace/store/memory.ts'
import { engineError } from '../support/small-engine.ts'
import { ID, aWorkspace, workspaceWorld } from '../support/workspace-world.ts'

test('a start is on file as provisioning, then online with its URL; a stop as paused; a removal as removed', async () => {
  const store = memoryStore()
  await using world = await workspaceWorld()
  const seen: unknown[] = []
  world.engine.intercept = async () => {
    seen.push((await store.get(ID))?.status)
    return 'pass' as const
  }
  const life = workspaceLife(world.backend, store)
  await life.start(aWorkspace({ tier: 3, runtime: 'langgraph' }))
  assert.deepEqual([...new Set(seen)], ['provisioning'])
  const row = await store.get(ID)
  assert.deepEqual([row?.status, row?.url, row?.tier], ['online', 'http://127.0.0.1:32768', 3])
  await life.stop(ID)
  assert.equal((await store.get(ID))?.status, 'paused')
  await life.remove(ID)
  assert.equal((await store.get(ID))?.status, 'removed')
})

test('a removal is on file before anything is taken down', async () => {
  const store = memoryStore()
  await using world = await workspaceWorld()
  const life = workspaceLife(world.backend, store)
  await life.start(aWorkspace())
  world.engine.intercept = async () => {
    assert.equal((await store.get(ID))?.status, 'removed')
    return engineError(500, 'busy')
  }
  await assert.rejects(life.remove(ID))
  assert.equal((await store.get(ID))?.status, 'removed')
})

test('a start that failed is on file as failed', async () => {
  const store = memoryStore()
  await using world = await workspaceWorld()
  world.engine.intercept = ({ path }) => (path.endsWith('/start') ? Promise.resolve(engineError(500, 'x')) : 'pass')
  await assert.rejects(workspaceLife(world.backend, store).start(aWorkspace()))
  assert.equal((await store.get(ID))?.status, 'failed')
})

test('a workspace that was removed while it started, by another process, does not come up', async () => {
  const store = memoryStore()
  await using world = await workspaceWorld({ settings: { isRemoved: isRemovedIn(store) } })
  world.engine.intercept = async ({ path }) => {
    if (path.endsWith('/start')) await store.save(ID, { status: 'removed' })
    return 'pass' as const
  }
  await assert.rejects(workspaceLife(world.backend, store).start(aWorkspace()), { code: 'WORKSPACE_REMOVED' })
  assert.equal(world.engine.containers.size, 0)
  assert.equal((await store.get(ID))?.status, 'removed')
})

test('nor when nobody asks but the file itself at the end', async () => {
  const store = memoryStore()
  await using world = await workspaceWorld()
  world.engine.intercept = async ({ path }) => {
    if (path.endsWith('/start')) await store.save(ID, { status: 'removed' })
    return 'pass' as const
  }
  await assert.rejects(workspaceLife(world.backend, store).start(aWorkspace()), { code: 'WORKSPACE_REMOVED' })
  assert.equal(world.engine.containers.size, 0)
})

test('the id of a removed workspace is not used again', async () => {
  const store = memoryStore()
  await using world = await workspaceWorld()
  const life = workspaceLife(world.backend, store)
  await life.remove(ID)
  await assert.rejects(life.start(aWorkspace()), { code: 'WORKSPACE_REMOVED' })
  await life.stop(ID)
  assert.equal((await store.get(ID))?.status, 'removed')
})
