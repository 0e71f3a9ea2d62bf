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
  assert.equal(choosePlatform(indexEntries(index, 'x'), 'linux/arm', 'x'), digest('b'))
  assert.equal(choosePlatform(indexEntries(index, 'x'), 'linux/arm/v6', 'x'), digest('a'))
  assert.equal(choosePlatform(indexEntries(index, 'x'), 'linux/arm64', 'x'), digest('c'))
})

test('entries without platform are passed over, a malformed digest is not', () => {
  assert.deepEqual(indexEntries({ manifests: [{ digest: digest('a') }, null, 5] }, 'x'), [])
  const bad = { manifests: [{ ...entry('a', 'linux', 'amd64'), digest: 'sha256:../../x' }] }
  assert.throws(
    () => indexEntries(bad, 'x'),
    (error) => hasCode(error, 'PROTOCOL_VIOLATION'),
  )
})
