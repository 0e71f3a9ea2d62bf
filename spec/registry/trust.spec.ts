import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { trusting } from '../../lib/registry/trust.ts'
import { AUTHORITY, SERVER } from '../support/registry-server.ts'

test('without a CA Node trusts whom it trusts', () => {
  assert.deepEqual(trusting(undefined), {})
  assert.deepEqual(trusting([]), {})
})

test('the same CA is read once, another one by itself', () => {
  assert.equal(trusting(AUTHORITY.cert).secureContext, trusting([AUTHORITY.cert]).secureContext)
  assert.notEqual(trusting(AUTHORITY.cert).secureContext, trusting(SERVER.cert).secureContext)
})

test('a CA that is no certificate is refused, and its text not shown', () => {
  for (const text of ['', 'canary', '-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----'])
    assert.throws(
      () => trusting(text),
      (error) => hasCode(error, 'INPUT_INVALID') && !/canary/.test(error.message),
    )
})
