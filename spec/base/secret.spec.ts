import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'

import { printJson } from '../../lib/base/json.ts'
import { Secret, reveal } from '../../lib/base/secret.ts'

const secret = new Secret('hunter2')

const ways: Readonly<Record<string, (value: unknown) => string>> = {
  'String()': String,
  'a template': (value) => `<${value as string}>`,
  'JSON.stringify': (value) => JSON.stringify({ value }),
  printJson: (value) => printJson({ value }),
  inspect: (value) => inspect({ value }, { showHidden: true, depth: null, getters: true }),
  'an error message': (value) => inspect(new Error(`bad ${value as string}`, { cause: value })),
  'its members': (value) => JSON.stringify([Reflect.ownKeys(value as object), Object.entries(value as object)]),
  structuredClone: (value) => inspect(structuredClone(value)),
}
for (const [way, show] of Object.entries(ways)) {
  test(`${way} does not show a secret`, () => {
    assert.doesNotMatch(show(secret), /hunter2/)
  })
}

test('only reveal() gives the text, and plain strings pass', () => {
  assert.equal(secret.reveal(), 'hunter2')
  assert.equal(reveal(secret), 'hunter2')
  assert.equal(reveal('plain'), 'plain')
})
