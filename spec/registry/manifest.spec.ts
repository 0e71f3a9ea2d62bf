import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { choosePlatform, digestOf, indexEntries, MEDIA_TYPES, readMediaType } from '../../lib/registry/manifest.ts'

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`
const entry = (letter: string, os: string, architecture: string, variant?: string) => ({
  digest: digest(letter),
  platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
})

test('the four media types are known, with parameters and in any case', () => {
  for (const type of MEDIA_TYPES) assert.equal(readMediaType(`${type.toUpperCase()}; charset=utf-8`, 'x'), type)
})

test('a foreign media type is named in the error, if it is one at all', () => {
  assert.throws(() => readMediaType('text/html', 'x'), /text\/html/)
  assert.throws(
    () => readMediaType('\u001b[31m', 'x'),
    (error) => {
      assert.ok(error instanceof Error)
      // eslint-disable-next-line no-control-regex -- the terminal escape is what must be gone
      assert.doesNotMatch(error.message, /\u001b/)
      return hasCode(error, 'PROTOCOL_VIOLATION')
    },
  )
})

test('a digest is made by the algorithm of the one it is compared with', () => {
  assert.match(digestOf(Buffer.from('x'), `sha512:${'0'.repeat(128)}`), /^sha512:[0-9a-f]{128}$/)
  assert.equal(digestOf(Buffer.from('')), 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

test('the best manifest of an index is chosen, in whatever order they stand', () => {
  const index = {
    manifests: [entry('a', 'linux', 'arm', 'v6'), entry('b', 'linux', 'arm', 'v7'), entry('c', 'linux', 'arm64', 'v8')],
  }
  assert.equal(choosePlatform(indexEntries(index, 'x'), 'linux/arm').digest, digest('b'))
  assert.equal(choosePlatform(indexEntries(index, 'x'), 'linux/arm/v6').digest, digest('a'))
  assert.equal(choosePlatform(indexEntries(index, 'x'), 'linux/arm64').digest, digest('c'))
})

test('an entry without platform, and an index inside of the index, are listed without one', () => {
  const nested = { ...entry('b', 'linux', 'amd64'), mediaType: 'application/vnd.oci.image.index.v1+json' }
  assert.deepEqual(indexEntries({ manifests: [{ digest: digest('a') }, nested, null, 5] }, 'x'), [
    { digest: digest('a'), platform: undefined },
    { digest: digest('b'), platform: undefined },
  ])
})

// What an engine may run although the index does not say so: for the engine to decide.
for (const [engine, what, manifests, misfit] of [
  ['linux/amd64', 'linux/386', [entry('a', 'linux', '386')], false],
  ['linux/amd64', 'amd64/v2 only', [entry('a', 'linux', 'amd64', 'v2')], false],
  ['linux/amd64', 'entries without platform', [{ digest: digest('a') }], false],
  ['linux/amd64', 'no entry', [], true],
  ['linux/arm64', 'arm/v7', [entry('a', 'linux', 'arm', 'v7')], false],
  ['linux/amd64', 'another architecture', [entry('a', 'linux', 's390x')], true],
  ['linux/amd64', 'another system', [entry('a', 'windows', 'amd64')], true],
  ['linux/386', 'amd64', [entry('a', 'linux', 'amd64')], true],
] as const) {
  test(`an index with ${what} on ${engine} has no manifest of its own, and is ${misfit ? '' : 'no '}misfit`, () => {
    const choice = choosePlatform(indexEntries({ manifests: [...manifests] }, 'x'), engine)
    assert.deepEqual([choice.digest, choice.misfit], [undefined, misfit])
  })
}

test('a malformed digest is refused', () => {
  const bad = { manifests: [{ ...entry('a', 'linux', 'amd64'), digest: 'sha256:../../x' }] }
  assert.throws(
    () => indexEntries(bad, 'x'),
    (error) => hasCode(error, 'PROTOCOL_VIOLATION'),
  )
})
