import assert from 'node:assert/strict'
import { test } from 'node:test'

import { modelEngine } from '../../../lib/testing/model/index.ts'

// Asked without the client, which sends seconds.
for (const [profile, status] of [
  ['20.10', 500],
  ['28', 500],
  ['podman', 200],
] as const) {
  test(`${profile}: events since a date are ${status === 200 ? 'told' : 'refused'}`, async () => {
    await using model = modelEngine({ profile })
    const response = await model.transport().request({
      method: 'GET',
      path: '/v1.41/events?since=2026-01-01T00:00:00.5Z&until=1',
      headersTimeout: 0,
      idleTimeout: 0,
    })
    response.body.cancel()
    assert.equal(response.status, status)
  })
}
