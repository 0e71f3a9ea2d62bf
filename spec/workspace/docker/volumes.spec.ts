import assert from 'node:assert/strict'
import { test } from 'node:test'

import { prepareVolumes, removeVolumes, resetWish } from '../../../lib/workspace/docker/volumes.ts'
import { MANAGED_LABEL } from '../../../lib/workspace/labels.ts'
import { engineError } from '../../support/small-engine.ts'
import { ID, LEGACY, aWorkspace, workspaceWorld } from '../../support/workspace-world.ts'

const SESSIONS = `ws-${ID}-claude-sessions`
const CLAUDE = { runtime: 'claude-code' }

test('all volumes are made before the container, with the marks of platform and workspace', async () => {
  await using world = await workspaceWorld()
  const names = await prepareVolumes(world.context, aWorkspace(CLAUDE))
  assert.deepEqual(names, { configs: `ws-${ID}-configs`, data: `ws-${ID}-workspace`, sessions: SESSIONS })
  assert.deepEqual([...world.engine.volumes.keys()].toSorted(), Object.values(names).toSorted())
  for (const { labels } of world.engine.volumes.values())
    assert.deepEqual(
      [labels[MANAGED_LABEL], labels['molecule.platform.instance'], labels['molecule.workspace.id']],
      ['true', 'here', ID],
    )
})

test('no data volume is made where a directory of the host is mounted', async () => {
  await using world = await workspaceWorld()
  await prepareVolumes(world.context, aWorkspace({ workspacePath: '/srv' }))
  assert.deepEqual([...world.engine.volumes.keys()], [`ws-${ID}-configs`])
})

test('volumes under older names are used on, with what is in them', async () => {
  await using world = await workspaceWorld()
  world.engine.addVolume(`ws-${LEGACY}-configs`, { [MANAGED_LABEL]: 'true' })
  world.engine.addVolume(`ws-${LEGACY}-claude-sessions`, { [MANAGED_LABEL]: 'true' })
  const names = await prepareVolumes(world.context, aWorkspace(CLAUDE))
  assert.equal(names.configs, `ws-${LEGACY}-configs`)
  assert.equal(names.sessions, `ws-${LEGACY}-claude-sessions`)
})

test('a volume of another workspace or platform under the older name is not touched', async () => {
  await using world = await workspaceWorld()
  world.engine.addVolume(`ws-${LEGACY}-configs`, { 'molecule.workspace.id': `${LEGACY}x` })
  world.engine.addVolume(`ws-${LEGACY}-claude-sessions`, { 'molecule.platform.instance': 'sibling' })
  const names = await prepareVolumes(world.context, aWorkspace(CLAUDE))
  assert.deepEqual([names.configs, names.sessions], [`ws-${ID}-configs`, SESSIONS])
})

test('TestWorkspaceConfig_ResetClaudeSessionFieldPresent: told to reset, a workspace begins with an empty session volume', async () => {
  await using world = await workspaceWorld()
  world.engine.addVolume(SESSIONS).files.set('old', { content: 'x', mode: 0o600, uid: 0, gid: 0 })
  await prepareVolumes(world.context, aWorkspace(CLAUDE))
  assert.equal(world.engine.volumes.get(SESSIONS)?.files.size, 1, 'kept when not told')
  await prepareVolumes(world.context, aWorkspace({ ...CLAUDE, resetSession: true }))
  assert.equal(world.engine.volumes.get(SESSIONS)?.files.size, 0)
})

test('a wish for a reset in the environment is granted once, and again only when it is worded anew', async () => {
  await using world = await workspaceWorld()
  const start = async (value: string): Promise<number | undefined> => {
    world.engine.volumes.get(SESSIONS)?.files.set('new', { content: 'x', mode: 0o600, uid: 0, gid: 0 })
    await prepareVolumes(world.context, aWorkspace({ ...CLAUDE, env: { WORKSPACE_RESET_SESSION: value } }))
    return world.engine.volumes.get(SESSIONS)?.files.size
  }
  await start('false')
  assert.equal(await start('0'), 1)
  assert.equal(await start('1'), 0)
  assert.equal(await start('1'), 1, 'a restart keeps the session')
  assert.equal(await start('true'), 0)
})

test('only what Go takes for true is a wish', () => {
  for (const value of ['1', 't', 'T', 'true', 'TRUE', 'True'])
    assert.equal(resetWish({ env: { WORKSPACE_RESET_SESSION: value } }), value)
  for (const value of ['0', 'false', 'yes', '', 'on'])
    assert.equal(resetWish({ env: { WORKSPACE_RESET_SESSION: value } }), undefined)
})

test('a reset that the engine refuses is an error, and not a session that is silently kept', async () => {
  await using world = await workspaceWorld()
  world.engine.addVolume(SESSIONS)
  world.engine.add('another', {
    body: { HostConfig: { Mounts: [{ Type: 'volume', Source: SESSIONS, Target: '/x' }] } },
  })
  await assert.rejects(prepareVolumes(world.context, aWorkspace({ ...CLAUDE, resetSession: true })), {
    code: 'CONFLICT',
  })
})

test('a removal takes config and sessions under both names, and leaves the data', async () => {
  await using world = await workspaceWorld()
  for (const name of [`ws-${ID}-configs`, `ws-${LEGACY}-configs`, SESSIONS, `ws-${ID}-workspace`])
    world.engine.addVolume(name)
  await removeVolumes(world.context, ID)
  assert.deepEqual([...world.engine.volumes.keys()], [`ws-${ID}-workspace`])
  await removeVolumes(world.context, ID, { data: true })
  assert.equal(world.engine.volumes.size, 0)
  await removeVolumes(world.context, ID, { data: true })
})

test('a volume that cannot be removed does not keep the others, and is named', async () => {
  await using world = await workspaceWorld()
  for (const name of [`ws-${ID}-configs`, SESSIONS]) world.engine.addVolume(name)
  world.engine.intercept = ({ method, path }) =>
    method === 'DELETE' && path.endsWith('-configs') ? Promise.resolve(engineError(409, 'volume is in use')) : 'pass'
  await assert.rejects(removeVolumes(world.context, ID), { message: new RegExp(`ws-${ID}-configs: .*in use`) })
  assert.deepEqual([...world.engine.volumes.keys()], [`ws-${ID}-configs`])
})
