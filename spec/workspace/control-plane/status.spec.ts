import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { test } from 'node:test'

import type { Status } from '../../../lib/workspace/backend.ts'
import { json, text } from '../../support/control-plane.ts'
import { brokenStore, planeWorld, type PlaneWorld } from '../../support/plane-world.ts'
import { ID } from '../../support/workspace-world.ts'

const onFile = { [ID]: 'i-0abc' }
const look = (world: PlaneWorld): Promise<Status> => world.backend.status(ID)

test('TestIsRunning_UsesRealInstanceIDNotWorkspaceUUID: the query has the machine, the path the workspace', async () => {
  await using world = await planeWorld({ onFile })
  assert.deepEqual(await look(world), { state: 'running' })
  assert.equal(world.plane.requests[0]?.path, `/cp/workspaces/${ID}/status`)
  assert.equal(world.plane.requests[0]?.query.get('instance_id'), 'i-0abc')
})

test('TestIsRunning_UsesDBInstanceID: it is asked for anew each time', async () => {
  await using world = await planeWorld({ onFile })
  await look(world)
  world.plane.machines.set('i-new', 'running')
  await world.store.save(ID, { instanceId: 'i-new' })
  await look(world)
  assert.deepEqual(
    world.plane.requests.map(({ query }) => query.get('instance_id')),
    ['i-0abc', 'i-new'],
  )
})

test('TestIsRunning_EmptyInstanceIDReturnsFalse: without a machine on file it is stopped, also without a line', async () => {
  await using world = await planeWorld({ http: false })
  assert.deepEqual(await look(world), { state: 'stopped' })
})

test('TestIsRunning_ParsesStateField: running alone is running; on its way up or down it is neither', async () => {
  await using world = await planeWorld({ onFile })
  const seen: Record<string, string> = {}
  for (const state of ['running', 'pending', 'stopping', 'shutting-down', 'terminated', 'stopped', 'Running', '']) {
    world.plane.machines.set('i-0abc', state)
    seen[state] = (await look(world)).state
  }
  assert.deepEqual(seen, {
    running: 'running',
    pending: 'unknown',
    stopping: 'unknown',
    'shutting-down': 'unknown',
    terminated: 'stopped',
    stopped: 'stopped',
    Running: 'unknown',
    '': 'unknown',
  })
})

test('TestIsRunning_SendsBothAuthHeaders: bearer and tenant', async () => {
  await using world = await planeWorld({ onFile })
  await look(world)
  const { method, headers } = world.plane.requests[0] ?? {}
  assert.equal(method, 'GET')
  assert.equal(headers?.authorization, 'Bearer canary-shared')
  assert.equal(headers?.['x-molecule-admin-token'], 'canary-tenant')
})

test('TestIsRunning_TransportErrorReturnsTrue: a lost line is unknown, with its error, and never stopped', async () => {
  await using world = await planeWorld({ onFile })
  world.plane.script = (_, response) => {
    response.socket?.destroy()
    return true
  }
  const status = await look(world)
  assert.equal(status.state, 'unknown')
  assert.ok(status.state === 'unknown' && status.error instanceof Error)
})

test('TestIsRunning_Non2xxSurfacesError: no status but a success tells anything, and no body is shown or believed', async () => {
  await using world = await planeWorld({ onFile })
  for (const code of [500, 502, 503, 401, 404, 302]) {
    world.plane.script = (_, response) => text(response, code, '{"state":"running","x":"canary-body"}')
    const status = await look(world)
    assert.equal(status.state, 'unknown', String(code))
    assert.doesNotMatch(inspect(status, { depth: 9 }), /canary/)
    world.plane.script = (_, response) => text(response, code, '{"state":"terminated"}')
    assert.equal((await look(world)).state, 'unknown', String(code))
  }
})

test('TestIsRunning_MalformedJSONBodyReturnsError: a page in the place of an answer is unknown', async () => {
  await using world = await planeWorld({ onFile })
  for (const body of ['<html>canary: maintenance</html>', '', 'null', '[]', '{"state":', '{"state":7}']) {
    world.plane.script = (_, response) => text(response, 200, body)
    const status = await look(world)
    assert.equal(status.state, 'unknown', body)
    assert.doesNotMatch(inspect(status, { depth: 9 }), /canary/)
  }
})

test('TestIsRunning_ContractCompat_A2AProxy: only evidence of an end is stopped', async () => {
  const rows: readonly [what: string, state: string, make: () => Promise<PlaneWorld>][] = [
    ['no machine on file', 'stopped', () => planeWorld()],
    ['the store is down', 'unknown', () => planeWorld({ store: brokenStore() })],
    ['there is no line', 'unknown', () => planeWorld({ onFile, http: false })],
    ['the machine runs', 'running', () => planeWorld({ onFile })],
    [
      'the plane hangs',
      'unknown',
      async () => {
        const world = await planeWorld({ onFile, timeout: 100 })
        world.plane.script = () => true
        return world
      },
    ],
    [
      'the machine is terminated',
      'stopped',
      async () => {
        const world = await planeWorld({ onFile })
        world.plane.machines.set('i-0abc', 'terminated')
        return world
      },
    ],
  ]
  for (const [what, state, make] of rows) {
    await using world = await make()
    assert.equal((await look(world)).state, state, what)
  }
})

test('TestIsRunning_BoundedBodyRead: an answer with much behind it is read to the limit, and understood', async () => {
  await using world = await planeWorld({ onFile })
  world.plane.script = (_, response) => text(response, 200, `{"state":"running"}${' '.repeat(128 << 10)}`)
  assert.deepEqual(await look(world), { state: 'running' })
})

test('a state that is no plain word is not repeated', async () => {
  await using world = await planeWorld({ onFile })
  world.plane.script = (_, response) => json(response, 200, { state: 'canary <script>' })
  const status = await look(world)
  assert.doesNotMatch(inspect(status, { depth: 9 }), /canary/)
})
