import assert from 'node:assert/strict'
import { test } from 'node:test'

import { resolveUrl } from '../../../lib/workspace/docker/port.ts'
import { engineError } from '../../support/small-engine.ts'
import { ID, aWorkspace, workspaceWorld } from '../../support/workspace-world.ts'

const PUBLISHED = { HostConfig: { PortBindings: { '8000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } } }

test('the URL is the published port, which may be shown only at the third look', async () => {
  await using world = await workspaceWorld()
  const container = world.engine.add('ws-a', { state: 'created', body: PUBLISHED })
  let looks = 0
  world.engine.intercept = () => {
    if (++looks === 3) container.state = 'running'
    return 'pass'
  }
  assert.equal(await resolveUrl(world.context, container.id, 'ws-a'), 'http://127.0.0.1:32768')
})

test('without a port, or with an engine that cannot tell, it is the address inside of the network', async () => {
  await using world = await workspaceWorld()
  const container = world.engine.add('ws-a')
  assert.equal(await resolveUrl(world.context, container.id, 'ws-a'), 'http://ws-a:8000')
  assert.equal(world.engine.calls.length, 3)
  world.engine.intercept = () => Promise.resolve(engineError(500, 'busy'))
  assert.equal(await resolveUrl(world.context, container.id, 'ws-a'), 'http://ws-a:8000')
})

test("on the host's network it is the agent's own port, at once", async () => {
  await using world = await workspaceWorld()
  const container = world.engine.add('ws-a', { body: { HostConfig: { NetworkMode: 'host' } } })
  assert.equal(await resolveUrl(world.context, container.id, 'ws-a'), 'http://127.0.0.1:8000')
  assert.equal(world.engine.calls.length, 1)
})

test('where an agent is now can be asked at any time', async () => {
  await using world = await workspaceWorld()
  assert.equal(await world.backend.url(ID), undefined)
  await world.backend.start(aWorkspace())
  assert.equal(await world.backend.url(ID), 'http://127.0.0.1:32768')
  world.engine.add(`ws-${ID}`, { state: 'exited', body: { Env: [`WORKSPACE_ID=${ID}`] } })
  assert.equal(await world.backend.url(ID), `http://ws-${ID}:8000`)
})
