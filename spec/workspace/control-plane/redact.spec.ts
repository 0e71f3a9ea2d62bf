import assert from 'node:assert/strict'
import { test } from 'node:test'

import { withoutSecrets } from '../../../lib/workspace/control-plane/redact.ts'

test('a secret is taken out as it is, percent-encoded and in base64', () => {
  const secret = 'p&ss w/rd'
  const forms = [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
  ]
  assert.equal(withoutSecrets(forms.join(' | '), [secret]), '[redacted] | [redacted] | [redacted] | [redacted]')
})

test('of two secrets that begin alike the longer one is taken out whole', () => {
  assert.equal(withoutSecrets('secret-long secret', ['secret', 'secret-long']), '[redacted] [redacted]')
})
