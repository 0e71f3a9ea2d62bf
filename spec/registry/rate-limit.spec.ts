import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readRateLimit } from '../../lib/registry/rate-limit.ts'

test("Docker Hub's headers are read", () => {
  const headers = {
    'ratelimit-limit': '100;w=21600',
    'ratelimit-remaining': '76;w=21600',
    'docker-ratelimit-source': '2001:db8::1',
  }
  assert.deepEqual(readRateLimit({ headers }), { limit: 100, remaining: 76, window: 21_600, source: '2001:db8::1' })
})

test('a registry that tells nothing, or nonsense, has no limit that is known', () => {
  assert.equal(readRateLimit({ headers: {} }), undefined)
  assert.equal(readRateLimit({ headers: { 'ratelimit-limit': 'many', 'ratelimit-remaining': '-1' } }), undefined)
})

test('a source that is no address and no account is left out', () => {
  const headers = { 'ratelimit-limit': '5', 'docker-ratelimit-source': '<script>' }
  assert.deepEqual(readRateLimit({ headers }), { limit: 5, remaining: undefined, window: undefined, source: undefined })
})
