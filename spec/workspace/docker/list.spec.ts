import assert from 'node:assert/strict'
import { test } from 'node:test'

import { MANAGED_LABEL, workspaceLabels } from '../../../lib/workspace/labels.ts'
import { ID, LEGACY, workspaceWorld } from '../../support/workspace-world.ts'

test('containers are listed by their own name, which begins so, and not by what it holds', async () => {
  await using world = await workspaceWorld()
  world.engine.add('news-1')
  world.engine.add('ws-')
  world.engine.add(`ws-${LEGACY}`, { state: 'exited' })
  assert.deepEqual(await world.backend.named(), [
    { key: LEGACY, name: `ws-${LEGACY}`, instance: undefined, createdAt: 1_700_000_000_000 },
  ])
})

test('marked ones have the whole id and their platform', async () => {
  await using world = await workspaceWorld()
  world.engine.add(`ws-${LEGACY}`)
  world.engine.add(`ws-${ID}`, { body: { Labels: workspaceLabels(ID, 'sibling') } })
  assert.deepEqual(
    (await world.backend.labelled()).map(({ key, instance }) => `${key} ${instance}`),
    [`${ID} sibling`],
  )
})

test('unused volumes are marked config and session volumes of workspaces without a container', async () => {
  await using world = await workspaceWorld()
  world.engine.add(`ws-${LEGACY}`, { body: { Env: [`WORKSPACE_ID=${ID}`] } })
  world.engine.addVolume(`ws-${LEGACY}-configs`, { [MANAGED_LABEL]: 'true' })
  world.engine.addVolume('ws-abc-configs', workspaceLabels('abc', 'here'))
  world.engine.addVolume('ws-def-claude-sessions', { [MANAGED_LABEL]: 'true' }, 'never')
  world.engine.addVolume('ws-abc-workspace', workspaceLabels('abc', 'here'))
  world.engine.addVolume('ws-unmarked-configs')
  assert.deepEqual(await world.backend.unusedVolumes(), [
    { key: 'abc', name: 'ws-abc-configs', instance: 'here', createdAt: 1_700_000_000_000 },
    { key: 'def', name: 'ws-def-claude-sessions', instance: undefined, createdAt: Infinity },
  ])
})
