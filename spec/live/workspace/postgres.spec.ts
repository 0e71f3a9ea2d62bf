import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { Client } from 'pg'

import { silentLog } from '../../../lib/base/system.ts'
import { connectPostgres } from '../../../lib/workspace/store/connect-postgres.ts'
import type { InstanceStore } from '../../../lib/workspace/store/store.ts'
import { storeContract } from '../../contract/store.ts'
import { startPostgres, type LivePostgres } from '../support/postgres.ts'

// The platform's own table, as far as workspaces go.
const SCHEMA = `
  CREATE TYPE workspace_status AS ENUM
    ('provisioning', 'online', 'offline', 'degraded', 'failed', 'removed', 'paused', 'hibernated');
  CREATE TABLE workspaces (
    id uuid PRIMARY KEY,
    status workspace_status NOT NULL DEFAULT 'provisioning',
    runtime text NOT NULL DEFAULT 'langgraph',
    tier integer NOT NULL DEFAULT 2,
    url text NOT NULL DEFAULT '',
    parent_id uuid,
    instance_id text,
    workspace_dir text,
    workspace_access text NOT NULL DEFAULT 'none' CHECK (workspace_access IN ('none', 'read_only', 'read_write')),
    active_tasks integer NOT NULL DEFAULT 0,
    last_heartbeat_at timestamptz,
    last_sample_error text,
    updated_at timestamptz NOT NULL DEFAULT now()
  )`
const ID = '5eed0008-aaaa-4bbb-8ccc-123456789abc'

let database: LivePostgres

before(async () => {
  database = await startPostgres()
  await run(SCHEMA)
})

after(() => database[Symbol.asyncDispose]())

async function run(statement: string): Promise<void> {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

async function emptyStore(): Promise<InstanceStore> {
  await run('TRUNCATE workspaces')
  return connectPostgres(database.url, silentLog)
}

storeContract('in PostgreSQL', emptyStore)

test('a database that is killed is an error and never an empty answer; when it is back, it is found with all that was kept', async () => {
  await using store = await emptyStore()
  await store.save(ID, { status: 'online', instanceId: 'i-1' })
  await Promise.all(Array.from({ length: 4 }, () => store.get(ID)))
  await database.kill()
  const failed = { code: 'STORE_FAILED' }
  await assert.rejects(store.instanceId(ID), failed)
  await assert.rejects(store.isEmpty(), failed)
  await assert.rejects(store.knownOf(['5eed']), failed)
  await assert.rejects(store.save(ID, { status: 'removed' }), failed)
  await database.start()
  assert.equal(await store.instanceId(ID), 'i-1')
  assert.equal((await store.get(ID))?.status, 'online')
})

test('a status that the database does not know is an error, and nothing is changed', async () => {
  await using store = await emptyStore()
  await store.save(ID, { status: 'online' })
  await assert.rejects(store.save(ID, { status: 'asleep' as 'online' }), { code: 'STORE_FAILED' })
  assert.equal((await store.get(ID))?.status, 'online')
})

test('a query under way when the database is killed is an error and does not end the process', async () => {
  await using store = await emptyStore()
  await store.save(ID, { status: 'online' })
  const asked = Promise.allSettled(Array.from({ length: 50 }, () => store.get(ID)))
  await database.kill()
  for (const result of await asked)
    if (result.status === 'rejected') assert.equal((result.reason as { code?: string }).code, 'STORE_FAILED')
    else assert.equal(result.value?.status, 'online')
  await database.start()
  assert.equal((await store.get(ID))?.status, 'online')
})
