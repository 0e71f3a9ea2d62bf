import assert from 'node:assert/strict'
import { test } from 'node:test'

import { workspaceLabels } from '../../../lib/workspace/labels.ts'
import { engineError } from '../../support/small-engine.ts'
import { ID, LEGACY, aWorkspace, workspaceWorld } from '../../support/workspace-world.ts'

test('a stop removes every container of the workspace, and no volume', async () => {
  await using world = await workspaceWorld()
  await world.backend.start(aWorkspace())
  world.engine.add(`ws-${LEGACY}`, { body: { Env: [`WORKSPACE_ID=${ID}`] } })
  const bystander = world.engine.add('ws-bystander', { body: { Labels: workspaceLabels('bystander', 'here') } })
  await world.backend.stop(ID)
  assert.deepEqual([...world.engine.containers.values()], [bystander])
  assert.ok(world.engine.volumes.has(`ws-${ID}-configs`))
})

test('volumes are removed only when the container is gone for certain', async () => {
  await using world = await workspaceWorld()
  await world.backend.start(aWorkspace())
  world.engine.intercept = ({ method, path }) =>
    method === 'DELETE' && path.startsWith('/containers/') ? Promise.resolve(engineError(500, 'busy')) : 'pass'
  await assert.rejects(world.backend.remove(ID), { message: /force-remove/ })
  assert.ok(world.engine.volumes.has(`ws-${ID}-configs`))
})

test('a removal takes what the workspace kept but its data, which goes when told', async () => {
  await using world = await workspaceWorld()
  await world.backend.start(aWorkspace())
  await world.backend.remove(ID)
  assert.deepEqual([...world.engine.volumes.keys()], [`ws-${ID}-workspace`])
  await world.backend.remove(ID, { data: true })
  assert.equal(world.engine.volumes.size, 0)
})
