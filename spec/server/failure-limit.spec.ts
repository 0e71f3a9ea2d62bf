import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createFailureLimit } from '../../lib/server/failure-limit.ts'

test('an address may fail ten times, then once every six seconds; others are not its business', () => {
  let now = 0
  const limit = createFailureLimit({ clock: { monotonic: () => now } })
  for (let i = 0; i < 10; i++) {
    assert.equal(limit.wait('a'), 0)
    limit.failed('a')
  }
  assert.equal(limit.wait('a'), 6)
  assert.equal(limit.wait('b'), 0)
  now += 6000
  assert.equal(limit.wait('a'), 0)
  limit.failed('a')
  assert.equal(limit.wait('a'), 6)
  now += 600_000
  assert.equal(limit.wait('a'), 0)
})

test('ten thousand addresses are remembered, and no more', () => {
  const limit = createFailureLimit({ clock: { monotonic: () => 0 }, burst: 1 })
  for (let i = 0; i <= 10_000; i++) limit.failed(`address ${i}`)
  assert.equal(limit.wait('address 0'), 0, 'the oldest is forgotten')
  assert.equal(limit.wait('address 1'), 6)
})
