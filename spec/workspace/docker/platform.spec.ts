import assert from 'node:assert/strict'
import { test } from 'node:test'

import { workspacePlatform } from '../../../lib/refresh/platform.ts'
import { enginePlatform, hostBehind, parsePlatform } from '../../../lib/workspace/docker/platform.ts'
import { workspaceWorld } from '../../support/workspace-world.ts'

const LINUX = { platform: 'linux', arch: 'x64' }
const APPLE = { platform: 'darwin', arch: 'arm64' }

test('TestDefaultImagePlatform_EnvOverride_ExplicitValue: the environment wins over every machine', async () => {
  await using world = await workspaceWorld()
  const { engine } = world.context
  assert.equal(await enginePlatform(engine, { MOLECULE_IMAGE_PLATFORM: 'linux/arm64' }, APPLE), 'linux/arm64')
  assert.deepEqual(world.engine.calls, [], 'the engine need not be asked')
})

test('TestDefaultImagePlatform_EnvOverride_EmptyValue: set and empty means no preference, also on Apple Silicon', async () => {
  await using world = await workspaceWorld()
  assert.equal(await enginePlatform(world.context.engine, { MOLECULE_IMAGE_PLATFORM: '' }, APPLE), undefined)
})

test('TestDefaultImagePlatform_AutoDetect: amd64 on Apple Silicon, elsewhere as the engine likes', async () => {
  assert.equal(workspacePlatform({}, APPLE), 'linux/amd64')
  await using world = await workspaceWorld()
  assert.equal(await enginePlatform(world.context.engine, {}, APPLE), 'linux/amd64')
  assert.equal(await enginePlatform(world.context.engine, {}, LINUX), undefined)
})

test("in a Linux container of a Mac the engine's machine tells", async () => {
  await using world = await workspaceWorld()
  Object.assign(world.engine.info, { Architecture: 'aarch64', OperatingSystem: 'Docker Desktop' })
  assert.equal(await enginePlatform(world.context.engine, {}, { platform: 'linux', arch: 'arm64' }), 'linux/amd64')
})

test('an ARM server is no Mac: its own images are looked for', () => {
  const server = {
    OSType: 'linux',
    Architecture: 'aarch64',
    OperatingSystem: 'Debian GNU/Linux 12',
    KernelVersion: '6.1.0',
  }
  assert.equal(workspacePlatform({}, hostBehind(server)), undefined)
  assert.equal(workspacePlatform({}, hostBehind({ ...server, KernelVersion: '6.10.14-linuxkit' })), 'linux/amd64')
})

test('TestParseOCIPlatform: two or three parts, none of them empty, else no preference', () => {
  const rows: readonly [text: string, platform: object | undefined][] = [
    ['linux/amd64', { os: 'linux', architecture: 'amd64' }],
    ['linux/arm64', { os: 'linux', architecture: 'arm64' }],
    ['linux/amd64/v8', { os: 'linux', architecture: 'amd64', variant: 'v8' }],
    ['', undefined],
    ['linux', undefined],
    ['/amd64', undefined],
    ['linux/', undefined],
  ]
  for (const [text, platform] of rows) assert.deepEqual(parsePlatform(text), platform, text)
})

test('a platform that is none is no preference, and not an error of every start', async () => {
  await using world = await workspaceWorld()
  assert.equal(await enginePlatform(world.context.engine, { MOLECULE_IMAGE_PLATFORM: 'amd64' }, LINUX), undefined)
})
