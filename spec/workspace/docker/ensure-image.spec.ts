import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ensureImage } from '../../../lib/workspace/docker/ensure-image.ts'
import { workspaceWorld } from '../../support/workspace-world.ts'

const REF = 'ghcr.io/molecule-ai/workspace-template-hermes:latest'

test('an image that is there is not pulled', async () => {
  await using world = await workspaceWorld()
  world.engine.images.add(REF)
  await ensureImage(world.context, REF, undefined)
  assert.ok(!world.engine.calls.includes('POST /images/create'))
})

test('one that is missing is pulled with the credential of its registry and the platform', async () => {
  await using world = await workspaceWorld({ auth: { username: 'u', password: 'p' } })
  world.engine.registry.add(REF)
  let asked = ''
  world.engine.intercept = (request) => {
    if (request.method === 'POST') asked = request.query
    return 'pass'
  }
  await ensureImage(world.context, REF, 'linux/amd64')
  assert.ok(world.engine.images.has(REF))
  const sent = JSON.parse(Buffer.from(world.engine.auths[0] ?? '', 'base64url').toString()) as object
  assert.deepEqual(sent, { username: 'u', password: 'p', serveraddress: 'ghcr.io' })
  assert.match(decodeURIComponent(asked), /platform=linux\/amd64/)
})

test('one that cannot be had is an error with runtime and cure, and not a failure to create later on', async () => {
  await using world = await workspaceWorld()
  await assert.rejects(ensureImage(world.context, REF, undefined), {
    code: 'NOT_FOUND',
    message:
      /"ghcr\.io\/molecule-ai\/workspace-template-hermes:latest" not found after pull attempt.*hermes.*manifest unknown/,
  })
})

test('told to pull always, it pulls what is there; told never, it does not pull what is missing', async () => {
  await using always = await workspaceWorld({ settings: { pull: 'always' } })
  always.engine.images.add(REF)
  always.engine.registry.add(REF)
  await ensureImage(always.context, REF, undefined)
  assert.ok(always.engine.calls.includes('POST /images/create'))
  await using never = await workspaceWorld({ settings: { pull: 'never' } })
  never.engine.registry.add(REF)
  await assert.rejects(ensureImage(never.context, REF, undefined), { code: 'NOT_FOUND' })
  assert.ok(!never.engine.calls.includes('POST /images/create'))
})
