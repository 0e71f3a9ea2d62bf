import assert from 'node:assert/strict'
import { test } from 'node:test'

import { WORKSPACE_LABEL, workspaceLabels } from '../../../lib/workspace/labels.ts'
import { engineError } from '../../support/small-engine.ts'
import { ID, IMAGE, LEGACY, aWorkspace, workspaceWorld } from '../../support/workspace-world.ts'

const NAME = `ws-${ID}`
/** What only a start that came to its end leaves: nothing of a helper. */
const names = (containers: ReadonlyMap<string, unknown>): string[] => [...containers.keys()]

test('a workspace comes up with its image, environment, labels and files, and its URL is told', async () => {
  await using world = await workspaceWorld()
  const started = await world.backend.start(aWorkspace({ token: 't0ken', env: { A: '1' } }))
  assert.deepEqual(started, { url: 'http://127.0.0.1:32768', instanceId: undefined, warnings: [] })
  const container = world.engine.containers.get(NAME)
  assert.equal(container?.state, 'running')
  assert.equal(container?.body.Image, IMAGE)
  assert.ok(container?.body.Env?.includes('A=1'))
  assert.equal(container?.body.Labels?.[WORKSPACE_LABEL], ID)
  const files = world.engine.volumes.get(`ws-${ID}-configs`)?.files
  assert.deepEqual(files?.get('config.yaml'), { content: 'name: x\n', mode: 0o644, uid: 1000, gid: 1000 })
  assert.deepEqual(files?.get('.auth_token'), { content: 't0ken', mode: 0o600, uid: 1000, gid: 1000 })
})

test('files are there before the agent starts', async () => {
  await using world = await workspaceWorld()
  await world.backend.start(aWorkspace())
  const order = world.engine.calls
    .filter((call) => /^PUT|\/start$|create$/.test(call))
    .map((call) => call.split('/').at(-1))
  assert.deepEqual(order, ['create', 'create', 'create', 'archive', 'start'], 'two volumes, the container, its files')
})

test('what ran before is removed first, under its own name and the older one, and its volumes are used on', async () => {
  await using world = await workspaceWorld()
  world.engine.add(`ws-${LEGACY}`, { body: { Env: [`WORKSPACE_ID=${ID}`] } })
  world.engine.addVolume(`ws-${LEGACY}-configs`).files.set('kept', { content: 'x', mode: 0o644, uid: 0, gid: 0 })
  const before = world.engine.add(NAME, { body: { Labels: workspaceLabels(ID, 'here') } })
  await world.backend.start(aWorkspace())
  assert.deepEqual(names(world.engine.containers), [NAME])
  assert.notEqual(world.engine.containers.get(NAME)?.id, before.id)
  const [mount] = world.engine.containers.get(NAME)?.body.HostConfig?.Mounts ?? []
  assert.equal(mount?.Source, `ws-${LEGACY}-configs`)
  assert.ok(world.engine.volumes.get(`ws-${LEGACY}-configs`)?.files.has('kept'))
})

test("a container of that name which is not the workspace's is left alone, and nothing is made", async () => {
  await using world = await workspaceWorld()
  const strange = world.engine.add(NAME)
  await assert.rejects(world.backend.start(aWorkspace()), { code: 'CONFLICT' })
  assert.deepEqual([...world.engine.containers.values()], [strange])
  assert.equal(world.engine.volumes.size, 0)
})

test('the session is reset after what used it is gone', async () => {
  await using world = await workspaceWorld()
  world.engine.images.add('ghcr.io/molecule-ai/workspace-template-claude-code:latest')
  const claude = { runtime: 'claude-code' }
  await world.backend.start(aWorkspace(claude))
  world.engine.volumes.get(`ws-${ID}-claude-sessions`)?.files.set('old', { content: 'x', mode: 0o600, uid: 0, gid: 0 })
  await world.backend.start(aWorkspace({ ...claude, resetSession: true }))
  assert.equal(world.engine.volumes.get(`ws-${ID}-claude-sessions`)?.files.size, 0)
})

test('a restart brings no config and keeps the one that is there', async () => {
  await using world = await workspaceWorld()
  await world.backend.start(aWorkspace())
  await world.backend.start(aWorkspace({ files: {} }))
  assert.deepEqual(names(world.engine.containers), [NAME])
  assert.ok(world.engine.volumes.get(`ws-${ID}-configs`)?.files.has('config.yaml'))
})

test('a workspace without any config is an error before what runs is touched, and not a crash loop', async () => {
  await using world = await workspaceWorld()
  const before = world.engine.add(NAME, { body: { Labels: workspaceLabels(ID, 'here') } })
  await assert.rejects(world.backend.start(aWorkspace({ files: {} })), { code: 'NO_CONFIG_SOURCE' })
  assert.equal(world.engine.containers.get(NAME), before)
})

test('an engine that cannot tell whether there is a config does not stand in the way', async () => {
  await using world = await workspaceWorld()
  await world.backend.start(aWorkspace())
  world.engine.intercept = ({ method }) => (method === 'HEAD' ? Promise.resolve(engineError(500, 'busy')) : 'pass')
  await world.backend.start(aWorkspace({ files: {} }))
  assert.equal(world.engine.containers.get(NAME)?.state, 'running')
})

test('files that cannot be copied are an error: an agent without them is not started', async () => {
  await using world = await workspaceWorld()
  world.engine.intercept = ({ method }) =>
    method === 'PUT' ? Promise.resolve(engineError(500, 'no space left')) : 'pass'
  await assert.rejects(world.backend.start(aWorkspace()), { message: /failed to copy files.*no space left/ })
  assert.deepEqual(names(world.engine.containers), [])
  assert.ok(!world.engine.calls.some((call) => call.endsWith('/start')))
})

test('a container that cannot be started is removed, and the cause told', async () => {
  await using world = await workspaceWorld()
  world.engine.intercept = ({ path }) =>
    path.endsWith('/start') ? Promise.resolve(engineError(404, 'network agents not found')) : 'pass'
  await assert.rejects(world.backend.start(aWorkspace()), {
    code: 'START_FAILED',
    message: /^failed to start container: .*network agents not found/,
  })
  assert.deepEqual(names(world.engine.containers), [])
})

test('an image that is gone between pull and create is told as such, another failure to create as itself', async () => {
  await using world = await workspaceWorld()
  let words = `No such image: ${IMAGE}`
  world.engine.intercept = ({ path }) =>
    path === '/containers/create' ? Promise.resolve(engineError(404, words)) : 'pass'
  await assert.rejects(world.backend.start(aWorkspace()), { message: /verify GHCR visibility for langgraph/ })
  words = 'no such volume'
  await assert.rejects(world.backend.start(aWorkspace()), { message: /^failed to create container: .*no such volume/ })
})

test('a create whose reply was lost leaves no container behind', async () => {
  await using world = await workspaceWorld()
  world.engine.intercept = ({ path }) => {
    if (path !== '/containers/create') return 'pass'
    world.engine.add(NAME, { body: { Labels: workspaceLabels(ID, 'here') } })
    return Promise.resolve(undefined)
  }
  await assert.rejects(world.backend.start(aWorkspace()), { code: 'CREATE_FAILED' })
  assert.deepEqual(names(world.engine.containers), [])
})

test('a workspace that was removed before its container is made, or after it runs, is taken down', async () => {
  for (const answers of [[true], [false, true], [false, false, true]]) {
    const left = [...answers]
    await using world = await workspaceWorld({ settings: { isRemoved: async () => left.shift() ?? true } })
    await assert.rejects(world.backend.start(aWorkspace()), { code: 'WORKSPACE_REMOVED' })
    assert.deepEqual(names(world.engine.containers), [])
    assert.ok(!world.engine.volumes.has(`ws-${ID}-configs`), String(answers))
  }
})

test('a start that takes longer than its budget is ended and taken down; its pull does not count', async () => {
  await using world = await workspaceWorld({ settings: { startTimeout: 300 } })
  world.engine.intercept = ({ path }) => (path.endsWith('/start') ? new Promise(() => {}) : 'pass')
  await assert.rejects(world.backend.start(aWorkspace()), { code: 'TIMEOUT', message: new RegExp(ID) })
  assert.deepEqual(names(world.engine.containers), [])
})

test('a removal during a start ends it, and nothing of it is left when the removal is done', async () => {
  await using world = await workspaceWorld()
  const starting = world.backend.start(aWorkspace())
  starting.catch(() => {})
  await new Promise<void>((reached) => {
    world.engine.intercept = ({ path }) => {
      if (!path.endsWith('/start')) return 'pass'
      reached()
      return new Promise(() => {})
    }
  })
  await world.backend.remove(ID)
  await assert.rejects(starting, { code: 'ABORTED' })
  assert.deepEqual(names(world.engine.containers), [])
  assert.ok(!world.engine.volumes.has(`ws-${ID}-configs`))
})

test('a second start of a workspace that is being started is refused, and the first goes on', async () => {
  await using world = await workspaceWorld()
  const first = world.backend.start(aWorkspace())
  await assert.rejects(world.backend.start(aWorkspace()), { code: 'BUSY' })
  await first
  assert.equal(world.engine.containers.get(NAME)?.state, 'running')
})

test('an unknown runtime or a bad access is refused before the engine is asked anything', async () => {
  await using world = await workspaceWorld()
  await assert.rejects(world.backend.start(aWorkspace({ runtime: 'nosuch' })), { code: 'INPUT_INVALID' })
  await assert.rejects(world.backend.start(aWorkspace({ workspaceAccess: 'read_only' })), { code: 'INPUT_INVALID' })
  await assert.rejects(world.backend.start(aWorkspace({ id: '../x' })), { code: 'NAME_INVALID' })
  assert.deepEqual(world.engine.calls, [])
})
