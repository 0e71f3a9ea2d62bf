import assert from 'node:assert/strict'
import { test } from 'node:test'

import { workspaceLabels } from '../../../lib/workspace/labels.ts'
import { engineError } from '../../support/small-engine.ts'
import { ID, workspaceWorld, type World } from '../../support/workspace-world.ts'

const stateOf = async (world: World, timeout = 5000): Promise<string> =>
  (await world.backend.status(ID, { signal: AbortSignal.timeout(timeout) })).state

test('a container that runs is running, one that does not is stopped', async () => {
  await using world = await workspaceWorld()
  const body = { Labels: workspaceLabels(ID, 'here') }
  const container = world.engine.add(`ws-${ID}`, { body })
  assert.equal(await stateOf(world), 'running')
  container.state = 'exited'
  assert.equal(await stateOf(world), 'stopped')
})

test('TestIsContainerNotFound: a 404 is the only answer that says a container is gone; all else is no answer', async () => {
  await using world = await workspaceWorld()
  for (const words of ['No such container: x', 'container not found']) {
    world.engine.intercept = () => Promise.resolve(engineError(404, words))
    assert.equal(await stateOf(world), 'stopped', words)
  }
  for (const [status, words] of [
    [500, 'No such container: x'],
    [500, 'i/o timeout'],
    [503, 'context deadline exceeded'],
    [409, 'container not found'],
  ] as const) {
    world.engine.intercept = () => Promise.resolve(engineError(status, words))
    assert.equal(await stateOf(world), 'unknown', `${status} ${words}`)
  }
  world.engine.intercept = () => Promise.resolve(undefined)
  assert.equal(await stateOf(world), 'unknown', 'the connection was cut')
  world.engine.intercept = () => new Promise(() => {})
  assert.equal(await stateOf(world, 100), 'unknown', 'no answer in time')
})

test('an engine that is away is unknown, with the reason', async () => {
  const world = await workspaceWorld()
  await world[Symbol.asyncDispose]()
  const status = await world.backend.status(ID)
  assert.equal(status.state, 'unknown')
  assert.match(status.state === 'unknown' ? status.reason : '', /docker\.sock is closed/)
})

test("another's container under that name is unknown: the workspace is not taken for it, nor for gone", async () => {
  await using world = await workspaceWorld()
  world.engine.add(`ws-${ID}`, { body: { Labels: workspaceLabels(ID, 'sibling') } })
  assert.equal(await stateOf(world), 'unknown')
})
