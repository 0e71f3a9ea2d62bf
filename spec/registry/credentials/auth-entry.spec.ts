import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { JsonValue } from '../../../lib/base/json.ts'
import { readAuthEntry } from '../../../lib/registry/credentials/auth-entry.ts'
import { shown } from '../../support/credentials.ts'
import { row } from '../../support/matrix.ts'

const see = (value: JsonValue | undefined): string => {
  const entry = readAuthEntry(value)
  return typeof entry === 'string' ? entry : shown(entry)
}
const encoded = (pair: string): string => Buffer.from(pair, 'latin1').toString('base64')

row('F47', 'auth without padding', 'unreadable', () => see({ auth: encoded('us:pass').replace(/=+$/, '') }))
row('F47', 'auth in the URL alphabet', 'unreadable', () =>
  see({ auth: Buffer.from('u:?>~?>~').toString('base64').replaceAll('+', '-').replaceAll('/', '_') }),
)
row('F47', 'auth without colon', 'unreadable', () => see({ auth: encoded('userpass') }))
row('F47', 'auth ":pw"', 'unreadable', () => see({ auth: encoded(':pw') }))
row('F47', 'auth "u:"', 'u ', () => see({ auth: encoded('u:') }))
row('F47', 'auth "u:p:w"', 'u p:w', () => see({ auth: encoded('u:p:w') }))
row('F47', 'auth with NULs at its end', 'u pw', () => see({ auth: encoded('u:pw\0\0') }))
row('F47', 'auth that is no string', 'unreadable', () => see({ auth: 5 }))
row('F47', 'entry that is no object', 'unreadable', () => see('dTpw'))

test('auth wins over a user name and password beside it, as in docker', () => {
  assert.equal(see({ auth: encoded('a:b'), username: 'u', password: 'p' }), 'a b')
  assert.equal(see({ username: 'u', password: 'p' }), 'u p')
})

test('a token beside auth is what is used: engines prefer it', () => {
  assert.equal(see({ auth: encoded('a:b'), identitytoken: 'id' }), 'identity id')
  assert.equal(see({ auth: encoded('a:b'), identitytoken: 'id', registrytoken: 'reg' }), 'registry reg')
})

test('an empty entry marks a login that a helper keeps, and is none', () => {
  assert.deepEqual([see({}), see(null), see({ email: 'x' }), see({ auth: '' })], ['empty', 'empty', 'empty', 'empty'])
})

test('line breaks inside base64 are passed over, as Go does', () => {
  assert.equal(see({ auth: `${encoded('us:pass').slice(0, 4)}\r\n${encoded('us:pass').slice(4)}` }), 'us pass')
})
