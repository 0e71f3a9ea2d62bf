import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { encodeRegistryAuth, encodeRegistryConfig, type RegistryAuth } from '../../lib/base/registry-auth.ts'
import { Secret } from '../../lib/base/secret.ts'

// As Go's base64.URLEncoding does: the padding must be there, `+` and `/` must not.
function decodeAsEngine(header: string): unknown {
  assert.match(header, /^[A-Za-z0-9_-]+={0,2}$/)
  assert.equal(header.length % 4, 0)
  return JSON.parse(Buffer.from(header.replaceAll('-', '+').replaceAll('_', '/'), 'base64').toString('utf8'))
}

test('the header is base64url with padding, also where plain base64 has + and /', () => {
  const headers = ['?>~', '?>~x', '?>~xy', '~~~???>>>'].map((password) =>
    encodeRegistryAuth({ username: 'u', password }, 'ghcr.io'),
  )
  for (const header of headers) decodeAsEngine(header)
  assert.ok(headers.some((header) => /[-_]/.test(header)))
  assert.deepEqual(new Set(headers.map((header) => header.length % 4)), new Set([0]))
  assert.ok(headers.some((header) => header.endsWith('=')))
})

const forms: readonly [auth: RegistryAuth, members: object][] = [
  [
    { username: 'ci', password: new Secret('?>~') },
    { username: 'ci', password: '?>~' },
  ],
  [{ identitytoken: new Secret('t1') }, { identitytoken: 't1' }],
  [{ registrytoken: 't2' }, { registrytoken: 't2' }],
]
for (const [auth, members] of forms) {
  test(`a credential of ${Object.keys(members).join(' and ')} arrives with the address of its registry`, () => {
    assert.deepEqual(decodeAsEngine(encodeRegistryAuth(auth, 'ghcr.io')), { ...members, serveraddress: 'ghcr.io' })
  })
}

test('Docker Hub goes by its old address', () => {
  const hub = decodeAsEngine(encodeRegistryAuth({ identitytoken: 't' }, 'docker.io'))
  assert.deepEqual(hub, { identitytoken: 't', serveraddress: 'https://index.docker.io/v1/' })
})

test('members that are not part of the credential are left out', () => {
  const auth = { username: 'u', password: 'p', email: 'e@x', auth: 'dTpw' } as RegistryAuth
  assert.deepEqual(decodeAsEngine(encodeRegistryAuth(auth, 'r')), { username: 'u', password: 'p', serveraddress: 'r' })
})

test('any user name and password arrive as they are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (username, password) => {
      const { username: u, password: p } = decodeAsEngine(
        encodeRegistryAuth({ username, password }, 'r.example:5000'),
      ) as { username: string; password: string }
      assert.deepEqual([u, p], [username, password])
    }),
  )
})

test('the header of builds maps each registry to its credential', () => {
  const header = encodeRegistryConfig({
    'ghcr.io': { username: 'u', password: '?>~' },
    'docker.io': { identitytoken: 't' },
  })
  assert.deepEqual(decodeAsEngine(header), {
    'ghcr.io': { username: 'u', password: '?>~', serveraddress: 'ghcr.io' },
    'https://index.docker.io/v1/': { identitytoken: 't', serveraddress: 'https://index.docker.io/v1/' },
  })
})
