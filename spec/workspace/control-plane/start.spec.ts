import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { test } from 'node:test'

import { json, text } from '../../support/control-plane.ts'
import { brokenStore, planeWorld } from '../../support/plane-world.ts'
import { ID, aWorkspace } from '../../support/workspace-world.ts'

test('TestStart_HappyPath: one POST with bearer and body, and 201 gives the machine, which is put on file', async () => {
  await using world = await planeWorld()
  const started = await world.backend.start(aWorkspace({ runtime: 'hermes', tier: 3, env: { A: '1' } }))
  assert.equal(started.instanceId, 'i-1')
  assert.equal(await world.store.instanceId(ID), 'i-1')
  const [request, ...more] = world.plane.requests
  assert.deepEqual(more, [])
  assert.equal(`${request?.method} ${request?.path}`, 'POST /cp/workspaces/provision')
  assert.equal(request?.headers.authorization, 'Bearer canary-shared')
  assert.equal(request?.headers['x-molecule-admin-token'], 'canary-tenant')
  assert.deepEqual(JSON.parse(request?.body ?? ''), {
    org_id: 'org-1',
    workspace_id: ID,
    runtime: 'hermes',
    tier: 3,
    platform_url: 'http://platform:8080',
    env: { A: '1' },
  })
})

test('TestStart_Non201ReturnsStructuredError: what its error member says is told, with the status', async () => {
  await using world = await planeWorld()
  for (const status of [200, 400, 402, 500]) {
    world.plane.script = (_, response) => json(response, status, { error: 'quota of the tenant is used up' })
    await assert.rejects(world.backend.start(aWorkspace()), {
      code: 'PROVISION_FAILED',
      status,
      message: `cp provisioner: provision failed (${status}): quota of the tenant is used up`,
    })
  }
})

test('TestStart_NoStructuredErrorFallsBackToSize: of another body no more than its size is told', async () => {
  await using world = await planeWorld()
  world.plane.script = (_, response) => text(response, 500, '<html>canary-body</html>')
  await assert.rejects(world.backend.start(aWorkspace()), (error: Error) => {
    assert.equal(error.message, 'cp provisioner: provision failed (500): <unstructured body, 24 bytes>')
    assert.doesNotMatch(inspect(error, { depth: 9 }), /canary/)
    return true
  })
})

test('TestStart_TransportFailureSurfaces: a lost line is tagged', async () => {
  await using world = await planeWorld()
  world.plane.script = (_, response) => {
    response.socket?.destroy()
    return true
  }
  await assert.rejects(world.backend.start(aWorkspace()), { message: /^cp provisioner: send: / })
})

test('an error that echoes the request shows none of its secrets', async () => {
  await using world = await planeWorld()
  world.plane.script = ({ headers, body }, response) =>
    json(response, 422, { error: `bad: ${headers.authorization} ${String(headers['x-molecule-admin-token'])} ${body}` })
  const workspace = aWorkspace({ env: { OPENAI_API_KEY: 'canary-of-the-user', DEBUG: 'true' } })
  await assert.rejects(world.backend.start(workspace), (error: Error) => {
    assert.doesNotMatch(inspect(error, { depth: 9 }), /canary/)
    assert.match(error.message, /\[redacted\]/)
    assert.match(error.message, /"DEBUG":"true"/, 'plain words stay')
    return true
  })
})

test('a machine without an id is no success, nor is an answer that is no JSON or too large', async () => {
  await using world = await planeWorld()
  const bodies = [
    '{}',
    '{"instance_id":""}',
    '{"instance_id":7}',
    '',
    '[]',
    `{"instance_id":"i-1","pad":"${'x'.repeat(70_000)}"}`,
  ]
  for (const body of bodies) {
    world.plane.script = (_, response) => text(response, 201, body)
    await assert.rejects(world.backend.start(aWorkspace()), { code: 'PROTOCOL_VIOLATION' }, body.slice(0, 40))
    assert.equal(await world.store.instanceId(ID), '')
  }
})

test('a start whose end is not known is asked again under the same key; after an answer the key is new', async () => {
  await using world = await planeWorld()
  const keys = (): unknown[] => world.plane.requests.map(({ headers }) => headers['idempotency-key'])
  world.plane.script = (_, response) => {
    response.socket?.destroy()
    return true
  }
  await assert.rejects(world.backend.start(aWorkspace()))
  world.plane.script = () => false
  await world.backend.start(aWorkspace())
  await world.backend.start(aWorkspace())
  const [first, second, third] = keys()
  assert.match(String(first), /^[0-9a-f]{32}$/)
  assert.equal(second, first)
  assert.notEqual(third, first)
})

test('a machine that cannot be put on file is given back, for nobody would end it', async () => {
  await using world = await planeWorld({ store: brokenStore() })
  await assert.rejects(world.backend.start(aWorkspace()), { code: 'STORE_FAILED', message: /i-1/ })
  assert.equal(world.plane.machines.size, 0)
})

test('secrets of the platform are not passed to the machine, and that is told', async () => {
  await using world = await planeWorld()
  const { warnings } = await world.backend.start(aWorkspace({ env: { ADMIN_TOKEN: 'canary', A: '1' } }))
  assert.deepEqual(warnings, ['not passed to the agent: ADMIN_TOKEN'])
  assert.doesNotMatch(world.plane.requests[0]?.body ?? '', /canary/)
})
