import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { connect } from '../../lib/engine/connect.ts'
import { engineTime } from '../../lib/engine/engine-time.ts'
import { httpDaemon } from '../support/daemon.ts'

test('RFC 3339 becomes seconds, with its decimals and its zone', () => {
  assert.equal(engineTime('since', '2026-11-28T00:00:00Z'), '1795824000')
  assert.equal(engineTime('since', '2026-11-28T01:00:00.000000001+01:00'), '1795824000.000000001')
})

test('seconds stay as they are', () => {
  for (const time of [undefined, 0, 1.5, '1795824000', '1795824000.000000001'])
    assert.equal(engineTime('since', time), time)
})

test('what is no time is refused by the name of its option', () => {
  for (const time of ['yesterday', '2026-11-28', '2026-11-28T00:00:00', '10m'])
    assert.throws(
      () => engineTime('until', time),
      (error) => hasCode(error, 'INPUT_INVALID') && /"until"/.test(error.message),
    )
})

test('logs and events send seconds', async () => {
  await using daemon = await httpDaemon((request, response) => {
    if (request.url !== '/_ping') response.setHeader('Content-Type', 'application/vnd.docker.multiplexed-stream').end()
  })
  await using docker = await connect({ host: daemon.host, apiVersion: '1.44' })
  await docker.containers.logs('c', { since: '2026-11-28T00:00:00Z', until: '2026-11-28T00:00:01Z' }).text()
  for await (const _ of docker.system.events({ since: '2026-11-28T00:00:00Z' })) break
  assert.match(daemon.seen[0] ?? '', /since=1795824000&/)
  assert.match(daemon.seen[0] ?? '', /until=1795824001/)
  assert.match(daemon.seen[1] ?? '', /since=1795824000/)
})
