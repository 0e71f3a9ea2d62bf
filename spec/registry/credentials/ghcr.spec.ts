import assert from 'node:assert/strict'
import { test } from 'node:test'

import { encodeRegistryAuth } from '../../../lib/base/registry-auth.ts'
import { credentialWorld, shown } from '../../support/credentials.ts'

/** The header that goes along with a pull from ghcr.io, decoded; `undefined` for none. */
async function header(env: Readonly<Record<string, string>>): Promise<{ sent: object; raw: string } | undefined> {
  const { auth } = await credentialWorld({ env }).credentials.resolve('ghcr.io')
  if (auth === undefined) return undefined
  const raw = encodeRegistryAuth(auth, 'ghcr.io')
  return { raw, sent: JSON.parse(Buffer.from(raw, 'base64url').toString()) as object }
}

test('TestGHCRAuthHeader_NoEnvReturnsEmpty: without user and token the pull is anonymous', async () => {
  assert.equal(await header({}), undefined)
  assert.equal(await header({ GHCR_USER: '', GHCR_TOKEN: '  ' }), undefined)
})

test('TestGHCRAuthHeader_PartialEnvReturnsEmpty: with one of the two alone it is too', async () => {
  assert.equal(await header({ GHCR_USER: 'u' }), undefined)
  assert.equal(await header({ GHCR_TOKEN: 't' }), undefined)
})

test('TestGHCRAuthHeader_EncodesDockerEnginePayload: three members in padded base64url', async () => {
  // Lengths of every remainder by three, and bytes that standard base64 would write with + and /.
  for (const token of ['t', 'tt', 'ttt', '?>~?>~', 'ÿþ']) {
    const made = await header({ GHCR_USER: 'u', GHCR_TOKEN: token })
    assert.deepEqual(made?.sent, { username: 'u', password: token, serveraddress: 'ghcr.io' })
    assert.match(made?.raw ?? '', /^[\w-]+={0,2}$/)
    assert.equal((made?.raw.length ?? 1) % 4, 0)
  }
})

test('TestGHCRAuthHeader_TrimsWhitespace: spaces, tabs and line ends around them do not count', async () => {
  const { credentials } = credentialWorld({ env: { GHCR_USER: ' \tu\n', GHCR_TOKEN: '\r\nt ' } })
  assert.equal(shown((await credentials.resolve('ghcr.io')).auth), 'u t')
})
