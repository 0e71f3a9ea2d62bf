import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { jsonFileStore } from '../../../lib/workspace/store/json-file.ts'
import { storeContract } from '../../contract/store.ts'
import { temporaryDirectory } from '../../support/temporary.ts'
import { ID } from '../../support/workspace-world.ts'

storeContract('in a file', async () => {
  const dir = temporaryDirectory()
  const store = jsonFileStore(join(dir.path, 'state/workspaces.json'))
  return { ...store, [Symbol.asyncDispose]: async () => dir[Symbol.dispose]() }
})

test('asking makes no file; a change makes it, for its owner alone, and leaves nothing beside it', async () => {
  using dir = temporaryDirectory()
  const path = join(dir.path, 'workspaces.json')
  const store = jsonFileStore(path)
  await store.get(ID)
  assert.equal(existsSync(path), false)
  await store.save(ID, { status: 'online' })
  assert.deepEqual(readdirSync(dir.path), ['workspaces.json'])
  assert.equal((JSON.parse(readFileSync(path, 'utf8')) as { workspaces: unknown[] }).workspaces.length, 1)
})

test('another store on the same file finds what the first one kept', async () => {
  using dir = temporaryDirectory()
  const path = join(dir.path, 'workspaces.json')
  await jsonFileStore(path).save(ID, { instanceId: 'i-1', lastHeartbeatAt: 5, tier: 4 })
  const row = await jsonFileStore(path).get(ID)
  assert.deepEqual([row?.instanceId, row?.lastHeartbeatAt, row?.tier], ['i-1', 5, 4])
})

test('a file that cannot be read is an error and not an empty store, and is not written over', async () => {
  using dir = temporaryDirectory()
  const path = join(dir.path, 'workspaces.json')
  for (const text of ['', '{"workspaces":', '[]', '{}']) {
    writeFileSync(path, text)
    const store = jsonFileStore(path)
    await assert.rejects(store.isEmpty(), { code: 'STORE_FAILED' }, text)
    await assert.rejects(store.save(ID, { status: 'online' }), { code: 'STORE_FAILED' }, text)
    assert.equal(readFileSync(path, 'utf8'), text)
  }
})

test('a write that fails leaves the file as it was, and nothing beside it', async () => {
  using dir = temporaryDirectory()
  const path = join(dir.path, 'workspaces.json')
  await jsonFileStore(path).save(ID, { status: 'online' })
  const before = readFileSync(path, 'utf8')
  writeFileSync(join(dir.path, 'workspaces.json.taken'), 'in the way')
  const store = jsonFileStore(path, { random: { id: () => 'taken' } })
  await assert.rejects(store.save(ID, { status: 'offline' }), { code: 'STORE_FAILED' })
  assert.equal(readFileSync(path, 'utf8'), before)
})
