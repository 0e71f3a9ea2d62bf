import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { AuditEntry, Failure } from '../../lib/server/index.ts'
import { RUNTIME_IMAGE, imageIdOf } from '../support/refresh-world.ts'
import { REFRESH, serviceWorld } from '../support/service.ts'

test('a refresh has two lines: who asked for what, and from which image to which with what outcome', async () => {
  const lines: AuditEntry[] = []
  const { ask } = serviceWorld({ audit: async (entry) => void lines.push(entry) })
  const response = await ask('POST', `${REFRESH}?runtime=hermes`)
  const [begins, ended] = lines
  assert.equal(lines.length, 2)
  assert.deepEqual(
    [begins?.event, begins?.by, begins?.job, begins?.requestId],
    ['begins', 'ci', response.headers.get('dockline-job'), response.headers.get('x-request-id')],
  )
  assert.deepEqual([ended?.event, ended?.status, ended?.asked.targets], ['ended', 200, ['hermes']])
  assert.deepEqual(ended?.images, [
    {
      ref: RUNTIME_IMAGE('hermes'),
      outcome: 'updated',
      before: imageIdOf('hermes-old'),
      after: imageIdOf('hermes-new'),
      digest: imageIdOf('hermes-new'),
    },
  ])
  assert.deepEqual(
    ended?.containers?.map(({ name, outcome }) => [name, outcome]),
    [['ws-1', 'removed']],
  )
})

test('a plan, a refused token and a bad parameter have none: they change nothing', async () => {
  const lines: AuditEntry[] = []
  const { ask } = serviceWorld({ audit: async (entry) => void lines.push(entry) })
  await ask('POST', `${REFRESH}?dryRun=true`)
  await ask('POST', REFRESH, { authorization: 'Bearer wrong' })
  await ask('POST', `${REFRESH}?recreate=yes`)
  assert.deepEqual(lines, [])
})

test('what cannot be recorded does not begin', async () => {
  const { ask, world } = serviceWorld({ audit: () => Promise.reject(new Error('ENOSPC')) })
  const response = await ask('POST', REFRESH)
  assert.equal(response.status, 500)
  assert.match(((await response.json()) as Failure).error, /the audit log cannot be written, so nothing was done/)
  assert.deepEqual(world.changes, [])
})
