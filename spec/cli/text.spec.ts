import assert from 'node:assert/strict'
import { test } from 'node:test'

import { shortDigest } from '../../lib/cli/text.ts'

test('TestShortDigest: algorithm and twelve digits; what is shorter or has no colon stays as it is', () => {
  for (const [digest, short] of [
    [`sha256:${'abcdef0123456789'.repeat(4)}`, 'sha256:abcdef012345'],
    ['sha256:abcdef012345', 'sha256:abcdef012345'],
    ['sha256:abc', 'sha256:abc'],
    ['latest', 'latest'],
    ['', ''],
  ] as const)
    assert.equal(shortDigest(digest), short)
})
