import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ApiError, ConnectionError, VersionError, hasCode } from '../../lib/base/errors.ts'
import { SINCE, type Feature } from '../../lib/wire/gates.ts'
import {
  MAX_API_VERSION,
  MIN_API_VERSION,
  agree,
  atLeast,
  compareVersions,
  createNegotiator,
  requireFeatures,
} from '../../lib/wire/version.ts'

test('versions are compared by number, not by text', () => {
  const ordered = ['1.9', '1.24', '1.41', '1.100', '2.0']
  assert.deepEqual(['1.100', '2.0', '1.24', '1.9', '1.41'].toSorted(compareVersions), ordered)
  assert.equal(compareVersions('1.41', '1.41'), 0)
  assert.ok(atLeast('1.44', '1.44') && atLeast('1.100', '1.44') && !atLeast('1.9', '1.44'))
})

test('client and engine speak the newest version that both know', () => {
  assert.equal(agree('1.41'), '1.41')
  assert.equal(agree('1.99'), MAX_API_VERSION)
  assert.equal(agree(MIN_API_VERSION), MIN_API_VERSION)
  assert.throws(
    () => agree('1.23'),
    (error) => hasCode(error, 'ENGINE_TOO_OLD'),
  )
})

test('a version that no engine would send is no version', () => {
  for (const odd of ['', 'latest', '1', '1.x', '1.41/../..', '1.41\r\nX: y', '1.41 ', '-1.41'])
    assert.throws(
      () => agree(odd),
      (error) => hasCode(error, 'PROTOCOL_VIOLATION'),
      JSON.stringify(odd),
    )
})

test('every gated feature is refused one version below its own and passes at its own', () => {
  for (const [feature, since] of Object.entries(SINCE) as [Feature, string][]) {
    const below = `1.${Number(since.split('.')[1]) - 1}`
    assert.throws(
      () => requireFeatures(below, [feature]),
      (error) =>
        error instanceof VersionError &&
        error.code === 'ENGINE_TOO_OLD' &&
        error.message.includes(since) &&
        error.message.includes(below) &&
        error.facts['feature'] === feature,
    )
    requireFeatures(since, [feature])
  }
})

function refusal(words: string, status = 400): ApiError {
  return new ApiError('BAD_REQUEST', words, { status, words })
}
const TOO_NEW = refusal('client version 1.56 is too new. Maximum supported API version is 1.41')
const TOO_OLD = refusal('client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade')

test('the engine is asked once, whoever asks first', async () => {
  let asked = 0
  const negotiator = createNegotiator(async () => ({ version: `1.4${++asked}` }), undefined)
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => negotiator.current())), ['1.41', '1.41', '1.41'])
  assert.equal(await negotiator.current(), '1.41')
  assert.equal(asked, 1)
})

test('an engine that was not there is asked again', async () => {
  let asked = 0
  const negotiator = createNegotiator(async () => {
    if (++asked === 1) throw new ConnectionError('ENGINE_UNREACHABLE', 'not yet')
    return { version: '1.45' }
  }, undefined)
  await assert.rejects(negotiator.current(), (error) => hasCode(error, 'ENGINE_UNREACHABLE'))
  assert.equal(await negotiator.current(), '1.45')
})

test('an engine that does not tell its version is spoken to in the newest', async () => {
  const negotiator = createNegotiator(async () => undefined, undefined)
  assert.equal(await negotiator.current(), MAX_API_VERSION)
  assert.equal(negotiator.renegotiate(TOO_NEW, '1.41'), true)
  assert.equal(await negotiator.current(), '1.41')
})

test('a refusal names another version once, in both directions', async () => {
  const negotiator = createNegotiator(async () => ({ version: '1.41' }), undefined)
  await negotiator.current()
  assert.equal(negotiator.renegotiate(TOO_OLD, '1.52'), true)
  assert.equal(await negotiator.current(), '1.52')
  assert.equal(negotiator.renegotiate(TOO_OLD, '1.52'), false)
})

test('what is no refusal of the version changes nothing', async () => {
  const negotiator = createNegotiator(async () => ({ version: '1.41' }), undefined)
  await negotiator.current()
  assert.equal(negotiator.renegotiate(refusal('bad parameter'), '1.52'), false)
  assert.equal(negotiator.renegotiate(refusal(TOO_OLD.words ?? '', 500), '1.52'), false)
  assert.equal(negotiator.renegotiate(TOO_OLD, undefined), false)
  assert.equal(await negotiator.current(), '1.41')
})

test('a pinned version is used as it is and never changed', async () => {
  const negotiator = createNegotiator(() => assert.fail('was asked'), '1.43')
  assert.equal(await negotiator.current(), '1.43')
  assert.equal(negotiator.renegotiate(TOO_OLD, '1.52'), false)
  assert.equal(await negotiator.current(), '1.43')
})

test('a pinned version that is none is refused', () => {
  for (const pinned of ['', 'v1.43', '1.43/..', '1.43\n', 'latest'])
    assert.throws(
      () => createNegotiator(async () => ({ version: '1.41' }), pinned),
      (error) => hasCode(error, 'INPUT_INVALID'),
    )
})

test('an engine whose oldest version is above ours is ENGINE_TOO_NEW', async () => {
  const negotiator = createNegotiator(() => Promise.resolve({ version: '1.70' }), undefined)
  await negotiator.current()
  const words = 'client version 1.56 is too old. Minimum supported API version is 1.60, please upgrade your client'
  assert.throws(
    () => negotiator.renegotiate(refusal(words), '1.70'),
    (error) => hasCode(error, 'ENGINE_TOO_NEW'),
  )
})
