import assert from 'node:assert/strict'
import { test } from 'node:test'

import { silentLog, systemRandom } from '../../lib/base/system.ts'
import { chooseBackend } from '../../lib/workspace/choose.ts'
import { memoryStore } from '../../lib/workspace/store/memory.ts'
import { workspaceWorld } from '../support/workspace-world.ts'

const ports = { store: memoryStore(), random: systemRandom, log: silentLog }

test('an organisation means its control plane, else the engine is used, else there is no backend', async () => {
  await using world = await workspaceWorld()
  const docker = () => world.backend
  await using plane = chooseBackend({ ...ports, env: { MOLECULE_ORG_ID: 'o' }, docker })
  assert.equal(plane.kind, 'control-plane')
  assert.equal(chooseBackend({ ...ports, env: { MOLECULE_ORG_ID: ' ' }, docker }), world.backend)
  assert.equal(chooseBackend({ ...ports, env: {} }).kind, 'none')
})
