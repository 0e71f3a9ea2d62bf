import assert from 'node:assert/strict'
import { test } from 'node:test'

import { CONSOLE_LIMIT } from '../../../lib/workspace/backend.ts'
import { ID, aWorkspace, workspaceWorld } from '../../support/workspace-world.ts'

const LINES = 6000

async function* manyFrames(): AsyncGenerator<Uint8Array, void, undefined> {
  for (let i = 0; i < LINES; i++) {
    const line = `${String(i).padStart(99, '.')}\n`
    const head = Buffer.alloc(8)
    head[0] = 1
    head.writeUInt32BE(line.length, 4)
    yield Buffer.concat([head, Buffer.from(line)])
  }
}

test('the console is the end of what was printed, at most 256 KiB', async () => {
  await using world = await workspaceWorld()
  await world.backend.start(aWorkspace())
  assert.equal(await world.backend.console(ID), 'hello\n')
  world.engine.intercept = ({ path }) =>
    path.endsWith('/logs')
      ? Promise.resolve({
          status: 200,
          headers: ['Content-Type', 'application/vnd.docker.multiplexed-stream'],
          body: manyFrames(),
        })
      : 'pass'
  const text = await world.backend.console(ID)
  assert.equal(text.length, CONSOLE_LIMIT)
  assert.ok(text.endsWith(`${LINES - 1}\n`))
})

test('a workspace without container has no console, and that is an error', async () => {
  await using world = await workspaceWorld()
  await assert.rejects(world.backend.console(ID), { code: 'NOT_FOUND' })
})

test('the output can be followed, and nothing is asked before it is read', async () => {
  await using world = await workspaceWorld()
  await world.backend.start(aWorkspace())
  const before = world.engine.calls.length
  const output = world.backend.logs(ID, { follow: true })
  assert.equal(world.engine.calls.length, before)
  assert.equal(await output.text(), 'hello\n')
})
