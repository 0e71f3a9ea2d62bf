import assert from 'node:assert/strict'
import { test } from 'node:test'

import { forceRemove } from '../../../lib/workspace/docker/force-remove.ts'
import { engineError } from '../../support/small-engine.ts'
import { workspaceWorld } from '../../support/workspace-world.ts'

test('a container is removed in one step, by force', async () => {
  await using world = await workspaceWorld()
  const made = world.engine.add('ws-a')
  await forceRemove(world.context, { id: made.id, name: 'ws-a' })
  assert.equal(world.engine.containers.size, 0)
  assert.deepEqual(world.engine.calls, [`DELETE /containers/${made.id}`])
})

test('one that is gone is a success', async () => {
  await using world = await workspaceWorld()
  await forceRemove(world.context, { id: 'gone', name: 'ws-gone' })
})

test('one that somebody else is removing is waited for', async () => {
  await using world = await workspaceWorld()
  const made = world.engine.add('ws-a')
  let looks = 0
  world.engine.intercept = ({ method }) => {
    if (method === 'DELETE')
      return Promise.resolve(engineError(409, 'removal of container ws-a is already in progress'))
    if (++looks === 3) world.engine.containers.clear()
    return 'pass'
  }
  await forceRemove(world.context, { id: made.id, name: 'ws-a' })
  assert.ok(looks >= 3)
})

test('any other failure is told with its cause: the container must be taken to be there', async () => {
  await using world = await workspaceWorld()
  const made = world.engine.add('ws-a')
  world.engine.intercept = ({ method }) =>
    method === 'DELETE' ? Promise.resolve(engineError(500, 'device or resource busy')) : 'pass'
  await assert.rejects(forceRemove(world.context, { id: made.id, name: 'ws-a' }), (error: Error) => {
    assert.match(error.message, /^force-remove ws-a: .*device or resource busy/)
    assert.ok(error.cause instanceof Error)
    return true
  })
})

test('a reply that was lost is no failure when the container is gone', async () => {
  await using world = await workspaceWorld()
  const made = world.engine.add('ws-a')
  world.engine.intercept = ({ method }) => {
    if (method !== 'DELETE') return 'pass'
    world.engine.containers.clear()
    return Promise.resolve(undefined)
  }
  await forceRemove(world.context, { id: made.id, name: 'ws-a' })
})
