import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { hasCode } from '../../lib/base/errors.ts'
import {
  familiarReference,
  formatReference,
  isDigest,
  isImageId,
  parseReference,
  repositoryName,
  sameReference,
  shortDigest,
} from '../../lib/base/reference.ts'

const HEX = 'a'.repeat(64)
const SHA256 = `sha256:${HEX}`
const SHA512 = `sha512:${'b'.repeat(128)}`

const normalised: readonly [text: string, whole: string][] = [
  ['nginx', 'docker.io/library/nginx:latest'],
  ['nginx:1.25', 'docker.io/library/nginx:1.25'],
  ['docker.io/nginx', 'docker.io/library/nginx:latest'],
  ['docker.io/library/nginx', 'docker.io/library/nginx:latest'],
  ['index.docker.io/library/nginx', 'docker.io/library/nginx:latest'],
  ['index.docker.io/nginx:latest', 'docker.io/library/nginx:latest'],
  ['acme/x', 'docker.io/acme/x:latest'],
  ['ghcr.io/acme/x/y', 'ghcr.io/acme/x/y:latest'],
  [`ghcr.io/x:t@${SHA256}`, `ghcr.io/x:t@${SHA256}`],
  [`ghcr.io/x@${SHA256}`, `ghcr.io/x@${SHA256}`],
  [`x@${SHA512}`, `docker.io/library/x@${SHA512}`],
  ['localhost/x', 'localhost/x:latest'],
  ['localhost:5000/x', 'localhost:5000/x:latest'],
  ['host:5000/x:t', 'host:5000/x:t'],
  ['host:5000', 'docker.io/library/host:5000'],
  ['[::1]:5000/x', '[::1]:5000/x:latest'],
  ['[2001:db8::1]/x:t', '[2001:db8::1]/x:t'],
  ['UPPER/x', 'UPPER/x:latest'],
  ['a.b/c', 'a.b/c:latest'],
  ['a__b/c-d.e---f', 'docker.io/a__b/c-d.e---f:latest'],
  [`x:${'t'.repeat(128)}`, `docker.io/library/x:${'t'.repeat(128)}`],
  [`acme/${HEX}`, `docker.io/acme/${HEX}:latest`],
]
for (const [text, whole] of normalised) {
  test(`${text.slice(0, 60)} is ${whole.slice(0, 60)}`, () => {
    assert.equal(formatReference(parseReference(text)), whole)
  })
}

const refused: readonly [text: string, rule: RegExp][] = [
  ['', /empty/],
  [' ', /printable ASCII/],
  [':tag', /no repository/],
  [`@${SHA256}`, /no repository/],
  ['x/Y', /lower case/],
  ['ghcr.io/Acme/x', /lower case/],
  ['a//b', /not a repository component/],
  ['a/../b', /not a repository component/],
  ['a/./b', /not a repository component/],
  ['a/b/', /not a repository component/],
  ['/a/b', /not a repository component/],
  ['ghcr.io/', /no repository/],
  ['docker.io/', /no repository/],
  ['-a/b', /not a repository component/],
  ['a_/b', /not a repository component/],
  ['a___b', /not a repository component/],
  ['a..b', /not a repository component/],
  [HEX, /image id/],
  [SHA256, /image id/],
  [`x:${'t'.repeat(129)}`, /1 to 128/],
  ['x:', /1 to 128/],
  ['x:-t', /1 to 128/],
  ['x:t:u/v:', /1 to 128|component/],
  [`ghcr.io/${'a'.repeat(256)}`, /longer than 255/],
  [`ghcr.io/${'a'.repeat(100_000)}`, /longer than 255/],
  ['x\n', /printable ASCII/],
  ['x\0', /printable ASCII/],
  ['x:t\n', /printable ASCII/],
  ['\u212Aernel/x', /printable ASCII/],
  ['x y', /printable ASCII/],
  ['http://ghcr.io/x', /not a registry host|not a repository component/],
  ['gh_cr.io/x', /not a registry host/],
  ['-ghcr.io/x', /not a registry host/],
  ['host:port/x', /not a registry host/],
  ['[::1%eth0]:5000/x', /not a registry host/],
  ['user@ghcr.io/x', /digest/],
  [`x@sha256:${'A'.repeat(64)}`, /digest/],
  ['x@sha256:abc', /digest/],
  [`x@sha256:${'a'.repeat(65)}`, /digest/],
  ['x@sha256:../../etc', /digest/],
  [`x@md5:${'a'.repeat(32)}`, /digest/],
  [`x@${SHA256}@${SHA256}`, /more than one "@"/],
]
for (const [text, rule] of refused) {
  test(`${JSON.stringify(text.slice(0, 60))} is refused with the rule that it breaks`, () => {
    assert.throws(
      () => parseReference(text),
      (error) => hasCode(error, 'REF_INVALID') && rule.test(error.message) && error.message.length < 1000,
    )
  })
}

const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/)
const reference = fc.record({
  registry: fc.constantFrom('docker.io', 'ghcr.io', 'localhost', 'host:5000', '[::1]:5000', 'Reg.example:1'),
  repository: fc.array(component, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('/')),
  tag: fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined }),
  digest: fc.constantFrom(undefined, SHA256, SHA512),
})

test('parsing what was printed gives the same reference, in the whole and in the short form', () => {
  fc.assert(
    fc.property(reference, (parts) => {
      const whole = { ...parts, tag: parts.tag ?? (parts.digest === undefined ? 'latest' : undefined) }
      assert.deepEqual(parseReference(formatReference(whole)), whole)
      assert.deepEqual(parseReference(familiarReference(whole)), whole)
    }),
  )
})

test('any text is either refused or normal after one reading', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9.:/@_-]*$/)), (text) => {
      let once: string
      try {
        once = formatReference(parseReference(text))
      } catch (error) {
        assert.ok(hasCode(error, 'REF_INVALID'))
        return
      }
      assert.equal(formatReference(parseReference(once)), once)
    }),
  )
})

const short: readonly [whole: string, short: string][] = [
  ['docker.io/library/nginx:latest', 'nginx:latest'],
  ['docker.io/acme/x:1', 'acme/x:1'],
  ['ghcr.io/acme/x:1', 'ghcr.io/acme/x:1'],
  ['docker.io/library/a/b:1', 'library/a/b:1'],
  ['docker.io/a.b/c:1', 'docker.io/a.b/c:1'],
  ['docker.io/localhost/c:1', 'docker.io/localhost/c:1'],
  ['docker.io/a__b.c/d:1', 'docker.io/a__b.c/d:1'],
  [`docker.io/library/x@${SHA256}`, `x@${SHA256}`],
  [`docker.io/library/${HEX}:1`, `${HEX}:1`],
]
for (const [whole, expected] of short) {
  test(`the short form of ${whole.slice(0, 60)} is ${expected.slice(0, 60)}, which reads back as the same`, () => {
    const ref = parseReference(whole)
    assert.equal(familiarReference(ref), expected)
    assert.ok(sameReference(parseReference(expected), ref))
  })
}

function same(a: string, b: string): boolean {
  return sameReference(parseReference(a), parseReference(b))
}

test('references are the same after normalisation, and never by a part of them', () => {
  assert.ok(same('nginx', 'index.docker.io/library/nginx:latest'))
  assert.ok(!same('nginx', 'nginx:1'))
  assert.ok(!same('acme/nginx', 'nginx'))
  assert.ok(!same('ghcr.io/acme/x', 'ghcr.io/acme/xy'))
  assert.ok(!same('ghcr.io/acme/x', 'docker.io/acme/x'))
  assert.equal(repositoryName(parseReference(`ghcr.io/a/b:1@${SHA256}`)), 'ghcr.io/a/b')
})

test('a digest and an image id are told from what looks like one', () => {
  for (const yes of [SHA256, SHA512]) assert.ok(isDigest(yes))
  for (const no of ['', HEX, `sha256:${'A'.repeat(64)}`, `${SHA256}\n`, ` ${SHA256}`, 'sha256:abc', 'sha256:../../x'])
    assert.ok(!isDigest(no), no)
  for (const yes of [HEX, SHA256]) assert.ok(isImageId(yes))
  for (const no of ['', HEX.slice(1), `${HEX}\n`, SHA512, 'nginx']) assert.ok(!isImageId(no), no)
})

for (const [digest, short] of [
  [`sha256:${'0123456789abcdef'.repeat(4)}`, 'sha256:0123456789ab'],
  [`sha512:${'fedcba9876543210'.repeat(8)}`, 'sha512:fedcba987654'],
  ['sha256:short', 'sha256:short'],
  ['no-colon-at-all-in-this-text', 'no-colon-at-all-in-this-text'],
  ['', ''],
] as const) {
  test(`TestShortDigest: ${JSON.stringify(digest.slice(0, 30))} is shown as ${JSON.stringify(short)}`, () => {
    assert.equal(shortDigest(digest), short)
  })
}
