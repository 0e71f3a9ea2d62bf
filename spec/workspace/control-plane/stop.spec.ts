import assert from 'node:assert/strict'
import { test } from 'node:test'

import { json, text } from '../../support/control-plane.ts'
import { brokenStore, planeWorld } from '../../support/plane-world.ts'
import { ID } from '../../support/workspace-world.ts'

test('TestStop_UsesRealInstanceIDNotWorkspaceUUID: the query has the machine on file, the path the workspace', async () => {
  await using world = await planeWorld({ onFile: { [ID]: 'i-0abc' } })
  await world.backend.stop(ID)
  assert.equal(world.plane.requests[0]?.path, `/cp/workspaces/${ID}`)
  assert.equal(world.plane.requests[0]?.query.get('instance_id'), 'i-0abc')
})

test('TestStop_NoInstanceIDSkipsCPCall: without a machine on file nothing is asked, and that is a success', async () => {
  await using world = await planeWorld()
  await world.store.save(ID, { status: 'online' })
  await world.backend.stop(ID)
  assert.deepEqual(world.plane.requests, [])
})

test('TestStop_EmptyInstanceIDIsNoop: nor for a workspace that is not on file at all, or without a line', async () => {
  await using world = await planeWorld({ http: false })
  await world.backend.stop('00000000-0000-4000-8000-000000000000')
  assert.deepEqual(world.plane.requests, [])
})

test('TestStop_SendsBothAuthHeaders: a DELETE with machine, bearer and tenant', async () => {
  await using world = await planeWorld({ onFile: { [ID]: 'i-1' } })
  await world.backend.stop(ID)
  const { method, headers } = world.plane.requests[0] ?? {}
  assert.equal(method, 'DELETE')
  assert.equal(headers?.authorization, 'Bearer canary-shared')
  assert.equal(headers?.['x-molecule-admin-token'], 'canary-tenant')
})

test('TestStop_TransportErrorSurfaces: a lost line is tagged, and the machine stays on file', async () => {
  await using world = await planeWorld({ onFile: { [ID]: 'i-1' } })
  world.plane.script = (_, response) => {
    response.socket?.destroy()
    return true
  }
  await assert.rejects(world.backend.stop(ID), { message: /^cp provisioner: stop: / })
  assert.equal(await world.store.instanceId(ID), 'i-1')
})

test('a status that is no success is an error, and the machine stays on file: it may run', async () => {
  await using world = await planeWorld({ onFile: { [ID]: 'i-1' } })
  for (const status of [301, 400, 401, 403, 409, 500, 502]) {
    world.plane.script = (_, response) => text(response, status, 'canary')
    await assert.rejects(world.backend.stop(ID), (error: Error & { status?: number }) => {
      assert.equal(error.status, status)
      assert.doesNotMatch(error.message, /canary/)
      return true
    })
    assert.equal(await world.store.instanceId(ID), 'i-1')
  }
})

test('a machine that is gone is a success and comes off file', async () => {
  await using world = await planeWorld({ onFile: { [ID]: 'i-1' } })
  world.plane.script = (_, response) => json(response, 404, { error: 'no such instance' })
  await world.backend.stop(ID)
  assert.equal(await world.store.instanceId(ID), '')
  await world.backend.stop(ID)
  assert.equal(world.plane.requests.length, 1)
})

test('what cannot be looked up is an error, and nothing is asked', async () => {
  await using world = await planeWorld({ store: brokenStore() })
  await assert.rejects(world.backend.stop(ID), { message: 'cp provisioner: stop: resolve instance_id: db down' })
  assert.deepEqual(world.plane.requests, [])
})

test('an odd machine id is encoded, an odd workspace id refused', async () => {
  await using world = await planeWorld({ onFile: { [ID]: 'i-1&force=true#x' } })
  await world.backend.stop(ID)
  assert.deepEqual([...(world.plane.requests[0]?.query ?? [])], [['instance_id', 'i-1&force=true#x']])
  await assert.rejects(world.backend.stop('a/../b'), { code: 'NAME_INVALID' })
})

test('a page of some proxy is no success, whatever its status; an empty body is', async () => {
  await using world = await planeWorld({ onFile: { [ID]: 'i-1' } })
  world.plane.script = (_, response) => text(response, 200, '<html>please log in</html>')
  await assert.rejects(world.backend.stop(ID), { code: 'PROTOCOL_VIOLATION' })
  assert.equal(await world.store.instanceId(ID), 'i-1')
  world.plane.script = (_, response) => text(response, 200, '')
  await world.backend.stop(ID)
  assert.equal(await world.store.instanceId(ID), '')
})
