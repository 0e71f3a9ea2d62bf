import assert from 'node:assert/strict'
import { test } from 'node:test'

import { property, assert as check, constantFrom, string } from 'fast-check'

import { redact, spellings } from '../../lib/base/redact.ts'

const SECRET = 'p?>~ w/é'

test('a secret is gone in every form a server may repeat it in', () => {
  const bytes = Buffer.from(SECRET)
  const forms = [SECRET, encodeURIComponent(SECRET), bytes.toString('base64'), bytes.toString('base64url')]
  assert.equal(redact(forms.map((form) => `<${form}>`).join(' '), [SECRET]), forms.map(() => '<[redacted]>').join(' '))
})

test('it is gone from a login, whatever stands before it, with every character that holds a part of it', () => {
  for (const user of ['', 'a', 'ab', 'abc', '<token>']) {
    const login = Buffer.from(`${user}:${SECRET}, and more`).toString('base64')
    assert.equal(redact(`Basic ${login}!`, [SECRET]), 'Basic [redacted]!')
  }
})

test('it is gone from JSON as JavaScript and as Go write it', () => {
  assert.equal(redact(String.raw`"a\"b\u003c"`, ['a"b<']), '"[redacted]"')
})

test('of two secrets that begin alike the longer one is taken out whole', () => {
  assert.equal(redact('secret-long secret', ['secret', 'secret-long']), '[redacted] [redacted]')
})

test('no secret, and an empty one, leave a text as it is', () => {
  assert.equal(redact('a text', ['']), 'a text')
})

test('whatever the secret and the text around it, no spelling of it is in what is left', () => {
  const word = string({ minLength: 12, maxLength: 20, unit: 'grapheme-ascii' })
  const encode = constantFrom<(text: string) => string>(
    (text) => text,
    encodeURIComponent,
    (text) => JSON.stringify(text),
    (text) => Buffer.from(text).toString('base64'),
    (text) => Buffer.from(text).toString('base64url'),
  )
  check(
    property(word, string(), string(), encode, (secret, before, after, spell) => {
      const left = redact(spell(`${before} ${secret} ${after}`), [secret]).replaceAll('[redacted]', '\n')
      assert.deepEqual(
        spellings(secret).filter((form) => left.includes(form)),
        [],
      )
    }),
  )
})
