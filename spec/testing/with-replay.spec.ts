import assert from 'node:assert/strict'
import { test } from 'node:test'

import { withReplay } from '../../lib/testing/with-replay.ts'
import { exchange } from '../support/exchanges.ts'

const VOLUME = JSON.stringify({
  Name: 'v',
  Driver: 'local',
  Mountpoint: '/m',
  Scope: 'local',
  Labels: null,
  Options: null,
})
const PING = exchange('GET /_ping', ['OK'], { response: { headers: { 'api-version': '1.43' } } })

test(
  'the test gets a client that speaks the recorded version without asking',
  withReplay([exchange('GET /v1.41/volumes/v', [VOLUME])], async (docker) => {
    assert.deepEqual((await docker.volumes.inspect('v')).Labels, {})
    assert.equal(await docker.apiVersion(), '1.41')
  }),
)

test(
  'with a recorded ping the client negotiates',
  withReplay([PING, exchange('GET /v1.41/volumes/v', [VOLUME])], async (docker) => {
    await docker.volumes.inspect('v')
    assert.equal(await docker.apiVersion(), '1.43')
  }),
)

test('the test fails when it did not ask for everything that was recorded', () =>
  assert.rejects(
    withReplay([exchange('GET /v1.41/volumes/v', [VOLUME])], () => Promise.resolve()),
    { code: 'REPLAY_MISMATCH' },
  ))

test('the test fails when it asks for something else, and is told what is closest', () =>
  assert.rejects(
    withReplay([exchange('GET /v1.41/volumes/v', [VOLUME])], async (docker) => {
      await docker.volumes.inspect('w')
    }),
    { message: /not recorded: GET \/volumes\/w; closest is GET \/volumes\/v/ },
  ))

test('the test fails when it swallowed the error of an unrecorded call', () =>
  assert.rejects(
    withReplay([exchange('GET /v1.41/volumes/v', [VOLUME])], async (docker) => {
      await docker.volumes.inspect('v')
      await docker.volumes.inspect('v').catch(() => undefined)
    }),
    { code: 'REPLAY_MISMATCH', message: /asked 2 times, recorded 1/ },
  ))
