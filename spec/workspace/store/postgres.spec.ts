import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { test } from 'node:test'

import { postgresStore, type Queryable } from '../../../lib/workspace/store/postgres.ts'
import { ID } from '../../support/workspace-world.ts'

function scripted(rows: Record<string, unknown>[] | Error): {
  pool: Queryable
  asked: [string, unknown[] | undefined][]
} {
  const asked: [string, unknown[] | undefined][] = []
  const pool: Queryable = {
    query: async (text, values) => {
      asked.push([text, values])
      if (rows instanceof Error) throw rows
      return { rows, rowCount: rows.length }
    },
    end: async () => {},
  }
  return { pool, asked }
}

test("the machine of a workspace is asked for by the platform's own statement", async () => {
  const { pool, asked } = scripted([{ instance_id: 'i-1' }])
  assert.equal(await postgresStore(pool).instanceId(ID), 'i-1')
  assert.deepEqual(asked, [['SELECT instance_id FROM workspaces WHERE id = $1', [ID]]])
})

test('no row, a null and an empty text are no machine', async () => {
  for (const rows of [[], [{ instance_id: null }], [{ instance_id: '' }]])
    assert.equal(await postgresStore(scripted(rows).pool).instanceId(ID), '')
})

test('what is no UUID is not asked for: the database would take it for an error', async () => {
  const { pool, asked } = scripted([])
  assert.equal(await postgresStore(pool).instanceId("x' OR 1=1"), '')
  assert.deepEqual(asked, [])
})

test('a database that is down is an error of its own, without its words in the message', async () => {
  const down = Object.assign(new Error('password authentication failed for user "canary"'), { code: '28P01' })
  await assert.rejects(postgresStore(scripted(down).pool).instanceId(ID), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'STORE_FAILED')
    assert.match(error.message, /28P01/)
    assert.doesNotMatch(error.message, /canary/)
    return true
  })
})

test('no value is ever part of a statement', async () => {
  const { pool, asked } = scripted([])
  const store = postgresStore(pool)
  await store.save(ID, { url: "canary'; DROP TABLE workspaces; --", instanceId: 'canary' })
  await store.removedWith(['canary'])
  await store.knownOf(['canary'])
  assert.doesNotMatch(inspect(asked.map(([text]) => text)), /canary/)
})
