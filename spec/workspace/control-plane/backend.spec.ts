import assert from 'node:assert/strict'
import { test } from 'node:test'

import { planeWorld } from '../../support/plane-world.ts'
import { ID } from '../../support/workspace-world.ts'

test('TestClose_Noop: a backend can be closed before it was used, and twice', async () => {
  await using world = await planeWorld()
  await world.backend.close()
  await world.backend.close()
  await using without = await planeWorld({ http: false })
  await without.backend.close()
})

test('a machine is on file and there is no line: that no backend is set up is told, and the machine not taken for gone', async () => {
  await using world = await planeWorld({ onFile: { [ID]: 'i-1' }, http: false })
  await assert.rejects(world.backend.stop(ID), { code: 'NO_BACKEND' })
  assert.equal((await world.backend.status(ID)).state, 'unknown')
  assert.equal(await world.store.instanceId(ID), 'i-1')
})
