import assert from 'node:assert/strict'
import { test } from 'node:test'

import { findContainer, findContainers } from '../../../lib/workspace/docker/find.ts'
import { workspaceLabels } from '../../../lib/workspace/labels.ts'
import { ID, LEGACY, workspaceWorld } from '../../support/workspace-world.ts'

const OTHER = `${LEGACY}0-0000-4000-8000-000000000000`.slice(0, 36)

test('a container is found by the whole id, and one of an older platform by the first twelve characters', async () => {
  await using world = await workspaceWorld()
  assert.equal(await findContainer(world.context, ID), undefined)
  const old = world.engine.add(`ws-${LEGACY}`, { body: { Env: [`WORKSPACE_ID=${ID}`] } })
  assert.equal((await findContainer(world.context, ID))?.Id, old.id)
  const own = world.engine.add(`ws-${ID}`, { body: { Labels: workspaceLabels(ID, 'here') } })
  assert.equal((await findContainer(world.context, ID))?.Id, own.id)
  assert.equal((await findContainers(world.context, ID)).length, 2)
})

test("another workspace's container under the shortened name is passed by", async () => {
  await using world = await workspaceWorld()
  world.engine.add(`ws-${LEGACY}`, { body: { Env: [`WORKSPACE_ID=${OTHER}`] } })
  assert.deepEqual(await findContainers(world.context, ID), [])
})

test('a container of that name which is no workspace, or of another platform, is an error that names its owner', async () => {
  await using world = await workspaceWorld()
  world.engine.add(`ws-${ID}`, { body: {} })
  await assert.rejects(findContainer(world.context, ID), { code: 'CONFLICT', message: /names none/ })
  world.engine.add(`ws-${ID}`, { body: { Labels: workspaceLabels(ID, 'sibling') } })
  await assert.rejects(findContainer(world.context, ID), { code: 'CONFLICT', message: /platform sibling/ })
})

test('a shortened id, which is all that a sweep knows of an older container, finds that container', async () => {
  await using world = await workspaceWorld()
  const old = world.engine.add(`ws-${LEGACY}`, { body: { Env: [`WORKSPACE_ID=${ID}`] } })
  assert.equal((await findContainer(world.context, LEGACY))?.Id, old.id)
})
