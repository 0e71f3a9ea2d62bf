import assert from 'node:assert/strict'
import { test } from 'node:test'

import { property, assert as check, string } from 'fast-check'

import { redact } from '../../lib/registry/redact.ts'

test('a secret is gone in every form a server may repeat it in', () => {
  const secret = 'p?>~ w/é'
  const bytes = Buffer.from(secret)
  const forms = [secret, encodeURIComponent(secret), bytes.toString('base64'), bytes.toString('base64url')]
  assert.equal(redact(forms.map((form) => `<${form}>`).join(' '), [secret]), forms.map(() => '<[redacted]>').join(' '))
})

test('whatever the secret and the text around it, the secret is not in what is left', () => {
  const word = string({ minLength: 12, maxLength: 20, unit: 'grapheme-ascii' })
  check(
    property(word, string(), string(), (secret, before, after) => {
      assert.ok(!redact(`${before} ${secret} ${after}`, [secret]).includes(secret.trim()))
    }),
  )
})

test('control characters are gone and the length is bounded', () => {
  assert.equal(redact('a\u001b[31m\r\nb', []), 'a [31m b')
  assert.equal(redact('x'.repeat(10_000), [], 20), `${'x'.repeat(20)}…`)
})
