import assert from 'node:assert/strict'
import { test } from 'node:test'

import { CONSOLE_LIMIT } from '../../../lib/workspace/backend.ts'
import { json, text } from '../../support/control-plane.ts'
import { planeWorld } from '../../support/plane-world.ts'
import { ID } from '../../support/workspace-world.ts'

test('TestGetConsoleOutput_UsesAdminBearer: a GET of the admin route with its own bearer gives the output', async () => {
  await using world = await planeWorld()
  assert.equal(await world.backend.console(ID), 'booted\n')
  const { method, path, headers } = world.plane.requests[0] ?? {}
  assert.equal(`${method} ${path}`, `GET /cp/admin/workspaces/${ID}/console`)
  assert.equal(headers?.authorization, 'Bearer canary-admin')
  assert.equal(headers?.['x-molecule-admin-token'], 'canary-tenant')
})

test('a long console is cut at its beginning', async () => {
  await using world = await planeWorld()
  const output = `${'a'.repeat(CONSOLE_LIMIT)}the end`
  world.plane.script = (_, response) => json(response, 200, { output })
  const text = await world.backend.console(ID)
  assert.equal(text.length, CONSOLE_LIMIT)
  assert.ok(text.endsWith('the end'))
})

test('a refusal is an error without the body', async () => {
  await using world = await planeWorld()
  world.plane.script = (_, response) => text(response, 502, 'canary')
  await assert.rejects(world.backend.console(ID), (error: Error) => !error.message.includes('canary'))
})
