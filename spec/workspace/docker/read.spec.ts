import assert from 'node:assert/strict'
import { test } from 'node:test'

import { engineError } from '../../support/small-engine.ts'
import { ID, LEGACY, workspaceWorld, type World } from '../../support/workspace-world.ts'

const MODES = { mode: 0o644, uid: 0, gid: 0 }

function withConfig(world: World, name: string, content: string, link = false): void {
  const volume = world.engine.volumes.get(`ws-${LEGACY}-configs`) ?? world.engine.addVolume(`ws-${LEGACY}-configs`)
  volume.files.set(name, { content, ...MODES, link })
}

test('a file of the config volume is read through a helper that is never started and does not stay', async () => {
  await using world = await workspaceWorld()
  withConfig(world, 'config.yaml', 'runtime: hermes\n')
  assert.equal(Buffer.from((await world.backend.readConfig(ID, 'config.yaml')) ?? []).toString(), 'runtime: hermes\n')
  assert.equal(world.engine.containers.size, 0)
  assert.ok(!world.engine.calls.some((call) => /start|exec|POST \/images/.test(call)), world.engine.calls.join('\n'))
})

test('what is not there, or is a link, is undefined and not an empty success', async () => {
  await using world = await workspaceWorld()
  assert.equal(await world.backend.readConfig(ID, 'config.yaml'), undefined, 'no volume')
  assert.equal(world.engine.volumes.size, 0, 'and none was made by asking')
  withConfig(world, 'link', 'x', true)
  assert.equal(await world.backend.readConfig(ID, 'config.yaml'), undefined, 'no file')
  assert.equal(await world.backend.readConfig(ID, 'link'), undefined, 'a link')
})

test('a file that is larger than allowed is an error', async () => {
  await using world = await workspaceWorld()
  withConfig(world, 'big', 'x'.repeat(101))
  await assert.rejects(world.backend.readConfig(ID, 'big', { maxBytes: 100 }), { code: 'TOO_LARGE' })
  assert.equal((await world.backend.readConfig(ID, 'big', { maxBytes: 101 }))?.length, 101)
})

test('only an engine that said so makes it a no: an error is not an absence', async () => {
  await using world = await workspaceWorld()
  assert.equal(await world.backend.hasConfig(ID, 'config.yaml'), false)
  withConfig(world, 'config.yaml', 'x')
  assert.equal(await world.backend.hasConfig(ID, 'config.yaml'), true)
  assert.equal(await world.backend.hasConfig(ID, 'other'), false)
  for (const part of ['/volumes/', '/archive', '/containers/create']) {
    world.engine.intercept = ({ path }) => (path.includes(part) ? Promise.resolve(engineError(500, 'busy')) : 'pass')
    await assert.rejects(world.backend.hasConfig(ID, 'config.yaml'), { code: 'ENGINE_ERROR' }, part)
  }
})

test('a helper is removed though the use of it failed or was aborted', async () => {
  await using world = await workspaceWorld()
  withConfig(world, 'config.yaml', 'x')
  world.engine.intercept = ({ path }) => (path.endsWith('/archive') ? new Promise(() => {}) : 'pass')
  await assert.rejects(world.backend.hasConfig(ID, 'config.yaml', { signal: AbortSignal.timeout(100) }))
  assert.equal(world.engine.containers.size, 0)
})

test("a token is written as the agent's alone, without a shell, an environment or a start", async () => {
  await using world = await workspaceWorld()
  await assert.rejects(world.backend.writeToken(ID, 't0ken'), { code: 'NOT_FOUND' })
  withConfig(world, 'config.yaml', 'x')
  let seen = ''
  world.engine.intercept = ({ path, body }) => {
    if (path === '/containers/create') seen = body.toString()
    return 'pass'
  }
  await world.backend.writeToken(ID, "t0ken'; rm -rf /")
  assert.deepEqual(world.engine.volumes.get(`ws-${LEGACY}-configs`)?.files.get('.auth_token'), {
    content: "t0ken'; rm -rf /",
    mode: 0o600,
    uid: 1000,
    gid: 1000,
  })
  assert.doesNotMatch(seen, /t0ken/)
})

test('a path that leads out of the volume is refused', async () => {
  await using world = await workspaceWorld()
  for (const path of ['', '..', '../x', '/etc/passwd', 'a/../../x', 'a\0b'])
    await assert.rejects(world.backend.readConfig(ID, path), { code: 'INPUT_INVALID' }, path)
  assert.deepEqual(world.engine.calls, [])
})

test('a file of a workspace without container is an error, and so is a relative path', async () => {
  await using world = await workspaceWorld()
  await assert.rejects(world.backend.readFile(ID, '/etc/hostname'), { code: 'NOT_FOUND' })
  await assert.rejects(world.backend.readFile(ID, 'etc/hostname'), { code: 'INPUT_INVALID' })
})

test('without any image on the engine there is no helper, and the error says why', async () => {
  await using world = await workspaceWorld()
  withConfig(world, 'config.yaml', 'x')
  world.engine.images.clear()
  await assert.rejects(world.backend.hasConfig(ID, 'config.yaml'), { code: 'NOT_FOUND', message: /no image/ })
})
