import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { hasCode } from '../../lib/base/errors.ts'
import { MAX_NAME_LENGTH, imageName, networkName, path, segment } from '../../lib/wire/path.ts'

const taken: readonly [name: string, segment: string][] = [
  ['web', 'web'],
  ['a', 'a'],
  ['0123456789ab', '0123456789ab'],
  ['sha256:abc', 'sha256%3Aabc'],
  ['web.dockline-next', 'web.dockline-next'],
  ['a&b=c+d', 'a%26b%3Dc%2Bd'],
  ['...', '...'],
  ['x'.repeat(MAX_NAME_LENGTH), 'x'.repeat(MAX_NAME_LENGTH)],
]
for (const [name, encoded] of taken) {
  test(`${name.slice(0, 40)} is one segment of a path`, () => {
    assert.equal(path`/containers/${name}/json`, `/containers/${encoded}/json`)
  })
}

const refused: readonly [name: string, rule: RegExp][] = [
  ['', /empty/],
  ['.', /dot segment/],
  ['..', /dot segment/],
  ['a/b', /slash/],
  ['/web', /slash/],
  ['../etc', /slash/],
  ['%2e%2e', /% \? # \\/],
  ['%2F', /% \? # \\/],
  ['x?y', /% \? # \\/],
  ['x#y', /% \? # \\/],
  ['x\\y', /% \? # \\/],
  ['x y', /printable ASCII/],
  ['x\n', /printable ASCII/],
  ['x\0', /printable ASCII/],
  ['x\r\nHost: evil', /printable ASCII/],
  ['\u001b[31m', /printable ASCII/],
  ['ünï', /printable ASCII/],
  ['．．', /printable ASCII/],
  ['x'.repeat(MAX_NAME_LENGTH + 1), /longer than 255/],
  ['x'.repeat(4000), /longer than 255/],
]
for (const [name, rule] of refused) {
  test(`${JSON.stringify(name.slice(0, 40))} is refused with the rule that it breaks`, () => {
    const attempts = [
      () => segment(name),
      () => path`/containers/${name}/json`,
      () => path`/containers/${'fine'}/${name}`,
    ]
    for (const attempt of attempts) {
      assert.throws(
        attempt,
        (error) =>
          hasCode(error, 'NAME_INVALID') &&
          rule.test(error.message) &&
          // oxlint-disable-next-line no-control-regex -- that is the point
          !/[\u0000-\u001f]/.test(error.message) &&
          error.message.length < 300,
      )
    }
  })
}

test('a value that is not a text is refused, not printed into the path', () => {
  for (const value of [undefined, null, 7, {}, ['a']])
    assert.throws(
      () => segment(value as string),
      (error) => hasCode(error, 'NAME_INVALID'),
    )
})

test('whatever is taken stays one segment and decodes to itself', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (name) => {
      let whole: string
      try {
        whole = path`/containers/${name}/json`
      } catch (error) {
        assert.ok(hasCode(error, 'NAME_INVALID'))
        return
      }
      const url = new URL(whole, 'http://docker')
      assert.equal(url.pathname, whole)
      assert.deepEqual(url.pathname.split('/').map(decodeURIComponent), ['', 'containers', name, 'json'])
    }),
  )
})

const images = [
  'nginx',
  'nginx:1.25',
  'docker.io/library/nginx:latest',
  '127.0.0.1:5000/a/b',
  '[::1]:5000/a',
  `ghcr.io/a/b@sha256:${'a'.repeat(64)}`,
  `sha256:${'a'.repeat(64)}`,
]
for (const name of images) {
  test(`the image name ${name.slice(0, 40)} keeps its slashes and colons`, () => {
    assert.equal(imageName(name), name)
  })
}

for (const name of ['', '/a', 'a/', 'a//b', 'a/../b', '..', 'a/./b', 'a b', 'a?b', 'a#b', 'a%2fb', 'a\n', 'ä', 'a\\b'])
  test(`the image name ${JSON.stringify(name)} is refused`, () => {
    assert.throws(
      () => imageName(name),
      (error) => hasCode(error, 'NAME_INVALID'),
    )
  })

test('an image name of 4,000 characters is refused', () => {
  assert.throws(
    () => imageName('a'.repeat(4000)),
    (error) => hasCode(error, 'NAME_INVALID'),
  )
})

for (const name of [
  'web',
  'a b',
  ' a',
  'a/b',
  'a/',
  'ü',
  'a?b',
  '%41',
  'a#b',
  'a\\b',
  'a:1',
  '...',
  'a\u0001',
  'x'.repeat(300),
]) {
  test(`${JSON.stringify(name.slice(0, 20))} may name a network`, () => {
    assert.equal(decodeURIComponent(networkName(name)), name)
    assert.doesNotMatch(networkName(name), /[/?#]/)
  })
}

for (const name of [
  '',
  '/',
  '/a',
  'a//b',
  '.',
  '..',
  'a/../b',
  'a/.',
  'a\nb',
  '\ud800',
  'x'.repeat(1021),
  undefined,
  7,
]) {
  test(`${JSON.stringify(String(name).slice(0, 20))} names no network in a path`, () => {
    assert.throws(
      () => networkName(name as string),
      (error) => hasCode(error, 'NAME_INVALID'),
    )
  })
}
