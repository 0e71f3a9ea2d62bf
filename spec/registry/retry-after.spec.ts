import assert from 'node:assert/strict'
import { test } from 'node:test'

import { retryAfter } from '../../lib/registry/retry-after.ts'

const now = Date.parse('2026-11-23T12:00:00Z')

test('seconds and HTTP dates are read', () => {
  assert.equal(retryAfter('7', now), 7000)
  assert.equal(retryAfter(' 0 ', now), 0)
  assert.equal(retryAfter('Mon, 23 Nov 2026 12:01:30 GMT', now), 90_000)
})

test('a time that is past means now, one far away an hour', () => {
  assert.equal(retryAfter('Mon, 23 Nov 2020 12:00:00 GMT', now), 0)
  assert.equal(retryAfter('999999999999999', now), 3_600_000)
  assert.equal(retryAfter('Thu, 01 Jan 2099 00:00:00 GMT', now), 3_600_000)
})

test('what cannot be read means a minute', () => {
  for (const text of [undefined, '', '-1', '1.5', 'soon', '1e9', '9'.repeat(20)])
    assert.equal(retryAfter(text, now), 60_000, text)
})
