import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { Secret } from '../../lib/base/secret.ts'
import { createTokenCheck } from '../../lib/server/tokens.ts'

const token = (name: string, value: string) => ({ name, secret: new Secret(value) })
const CI = 'ci-token-0123456789'
const OPS = 'ops-token-0123456789'

test('each of several tokens is known by its name', () => {
  const check = createTokenCheck([token('ci', CI), token('ops', OPS)])
  assert.equal(check.nameOf(`Bearer ${CI}`), 'ci')
  assert.equal(check.nameOf(`Bearer ${OPS}`), 'ops')
})

for (const [what, header] of [
  ['no header', undefined],
  ['an empty header', ''],
  ['a scheme alone', 'Bearer '],
  ['another token', 'Bearer nope-nope-nope-nope'],
  ['a prefix', `Bearer ${CI.slice(0, -1)}`],
  ['something longer', `Bearer ${CI}0`],
  ['another case', `Bearer ${CI.toUpperCase()}`],
  ['a lower-case scheme', `bearer ${CI}`],
  ['Basic', `Basic ${Buffer.from(`ci:${CI}`).toString('base64')}`],
  ['two spaces', `Bearer  ${CI}`],
  ['a space behind', `Bearer ${CI} `],
  ['two headers, joined as HTTP does', `Bearer ${CI}, Bearer ${CI}`],
  ['both tokens', `Bearer ${CI} ${OPS}`],
  ['letters that look the same', `Bearer ${CI.replace('c', 'с')}`],
  ['the token without scheme', CI],
] as const) {
  test(`${what} is nobody`, () => {
    assert.equal(createTokenCheck([token('ci', CI), token('ops', OPS)]).nameOf(header), undefined)
  })
}

for (const [what, tokens, words] of [
  ['no token', [], /no admin token: set ADMIN_TOKEN/],
  ['an empty one', [token('a', '')], /has 0 characters/],
  ['15 characters', [token('a', 'x'.repeat(15))], /has 15 characters: at least 16/],
  ['a space inside', [token('a', 'x'.repeat(16) + ' y')], /printable ASCII/],
  ['two of a name', [token('a', 'x'.repeat(16)), token('a', 'y'.repeat(16))], /the same name/],
  ['two of a value', [token('a', 'x'.repeat(16)), token('b', 'x'.repeat(16))], /the same value/],
  ['a name with a space', [token('a b', 'x'.repeat(16))], /a name has/],
] as const) {
  test(`${what} keeps the service from starting, and the message has no part of a token`, () => {
    assert.throws(
      () => createTokenCheck(tokens),
      (error) => hasCode(error, 'CONFIG_INVALID') && words.test(error.message) && !/xxx|yyy/.test(error.message),
    )
  })
}
