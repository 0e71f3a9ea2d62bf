import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { RemoteDigest } from '../../../lib/registry/digest.ts'
import { Memory } from '../../../lib/refresh/watch/memory.ts'

const answer = (digest: string): RemoteDigest => ({
  digest,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  platformDigest: undefined,
  source: 'anonymous',
  rateLimit: undefined,
})

function unsettled(...digests: string[]): boolean[] {
  const memory = new Memory()
  return digests.map((digest) => {
    memory.learn(answer(digest), 0)
    return memory.isUnsettled
  })
}

test('new digests are settled at once, one that came back when it is seen twice in a row', () => {
  assert.deepEqual(unsettled('a', 'b', 'c'), [false, false, false])
  assert.deepEqual(unsettled('a', 'b', 'a', 'a'), [false, false, true, false])
  assert.deepEqual(unsettled('a', 'b', 'a', 'b', 'a', 'b'), [false, false, true, true, true, true])
})

test('what was moved away from is a digest that comes back, too', () => {
  const memory = new Memory()
  memory.learn(answer('b'), 0)
  memory.outgrow(['a'])
  memory.learn(answer('a'), 0)
  assert.equal(memory.isUnsettled, true)
})

test('it forgets the oldest of many digests', () => {
  const memory = new Memory()
  for (let i = 0; i < 100; i++) memory.learn(answer(`d${i}`), 0)
  memory.learn(answer('d1'), 0)
  assert.equal(memory.isUnsettled, false)
  memory.learn(answer('d98'), 0)
  assert.equal(memory.isUnsettled, true)
})

test('what was left as it is counts until the digest moves', () => {
  const memory = new Memory()
  memory.learn(answer('a'), 0)
  memory.leave('container')
  memory.learn(answer('a'), 1)
  assert.equal(memory.isLeft('container'), true)
  memory.learn(answer('b'), 2)
  assert.equal(memory.isLeft('container'), false)
})

test('a new digest is first seen now, and its age is not known', () => {
  const memory = new Memory()
  memory.learn(answer('a'), 10)
  memory.created = 5
  memory.learn(answer('a'), 20)
  assert.deepEqual([memory.firstSeen, memory.created], [10, 5])
  memory.learn(answer('b'), 30)
  assert.deepEqual([memory.firstSeen, memory.created], [30, undefined])
})

test('the pause doubles with each failure up to the longest, and starts anew after a success', () => {
  const memory = new Memory()
  const pauses = [true, true, true, true, true, false, true].map((failed) => {
    memory.refreshed(failed, 100, 10, 60)
    return memory.notBefore - 100
  })
  assert.deepEqual(pauses, [10, 20, 40, 60, 60, 10, 10])
})
