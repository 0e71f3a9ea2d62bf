import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'

import { property, assert as check, constantFrom, string } from 'fast-check'

import { CredentialError } from '../../lib/base/errors.ts'
import { createRedactor, redact, redactedError, spellings } from '../../lib/base/redact.ts'

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

const STRANGE = 'p?"<&\'é/ +w'
const ENCODED: Readonly<Record<string, string>> = {
  'a form': new URLSearchParams({ p: STRANGE }).toString().slice(2),
  'lower case percents': encodeURIComponent(STRANGE).replace(/%../g, (part) => part.toLowerCase()),
  'a URL in a URL': encodeURIComponent(encodeURIComponent(STRANGE)),
  'HTML by Go': STRANGE.replace(/["'<&]/g, (c) => `&#${c.charCodeAt(0)};`),
  'HTML by name': STRANGE.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
  'JSON with escaped slashes': JSON.stringify(STRANGE).slice(1, -1).replaceAll('/', '\\/'),
  'JSON in ASCII': JSON.stringify(STRANGE)
    .slice(1, -1)
    .replace(/[^\w?"\\/ ]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`),
  'base64 in a URL': encodeURIComponent(Buffer.from(STRANGE).toString('base64')),
}
for (const [what, text] of Object.entries(ENCODED)) {
  test(`a secret is gone in the encoding: ${what}`, () => {
    assert.equal(redact(`<${text}>`, [STRANGE]), '<[redacted]>')
  })
}

test('a secret that a server cut off at the end of its text is gone as well', () => {
  assert.equal(redact('denied for correct-horse-bat', ['correct-horse-battery']), 'denied for [redacted]')
})

test('a secret of one letter is gone where it stands alone, and no word is torn', () => {
  assert.equal(redact('pull of app: p was refused', ['p']), 'pull of app: [redacted] was refused')
})

for (const text of ['Bearer abc.def-123456', 'basic dTpwYXNzd29yZDE=', 'authorization=Bearer+0123456789'])
  test(`a credential that nobody here has sent is gone: ${text}`, () => {
    assert.match(redact(text, []), /^(?:authorization=)?(?:Bearer|basic)[ +]\[redacted\]$/)
  })

for (const text of [
  'Bearer authentication is required',
  'Bearer realm="https://auth.example/token",service="registry.example"',
  'Basic realm="x"',
])
  test(`what only names a scheme stays: ${text}`, () => {
    assert.equal(redact(text, []), text)
  })

test('an error has no secret in message, stack, words, path, facts and causes', () => {
  const cause = new CredentialError('CREDENTIALS_REJECTED', 'inside: hunter22')
  const details = { words: 'hunter22', path: '/hunter22', cause, facts: { all: ['hunter22', { n: 1 }] } }
  const clean = redactedError(
    new CredentialError('CREDENTIALS_MISSING', 'of hunter22', details),
    createRedactor(['hunter22']),
  )
  assert.doesNotMatch(inspect(clean, { depth: 12, showHidden: true }), /hunter22/)
  assert.equal((clean as CredentialError).code, 'CREDENTIALS_MISSING')
  assert.ok(clean instanceof CredentialError)
})

test('an error without a secret stays the same one', () => {
  const error = new CredentialError('CREDENTIALS_MISSING', 'none', { facts: { registry: 'r' } })
  assert.equal(redactedError(error, createRedactor(['hunter22'])), error)
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
