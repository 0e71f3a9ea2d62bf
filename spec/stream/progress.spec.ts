import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { emptyProgress, reduceProgress, type ProgressMessage, type PullProgress } from '../../lib/stream/progress.ts'

const A = 'aaaaaaaaaaaa'
const B = 'bbbbbbbbbbbb'

function after(...messages: unknown[]): PullProgress {
  return messages.reduce<PullProgress>(
    (progress, message) => reduceProgress(progress, message as ProgressMessage),
    emptyProgress(),
  )
}

test('a pull goes from waiting over downloading and extracting to done', () => {
  const steps: readonly [message: ProgressMessage, phase: string, current: number, total: number | undefined][] = [
    [{ id: A, status: 'Pulling fs layer', progressDetail: {} }, 'waiting', 0, undefined],
    [{ id: A, status: 'Waiting', progressDetail: {} }, 'waiting', 0, undefined],
    [{ id: A, status: 'Downloading', progressDetail: { current: 10, total: 100 } }, 'downloading', 10, 100],
    [{ id: A, status: 'Downloading', progressDetail: { current: 70, total: 100 } }, 'downloading', 70, 100],
    [{ id: A, status: 'Verifying Checksum', progressDetail: {} }, 'extracting', 100, 100],
    [{ id: A, status: 'Download complete', progressDetail: {} }, 'extracting', 100, 100],
    [{ id: A, status: 'Extracting', progressDetail: { current: 3, units: 's' } }, 'extracting', 100, 100],
    [{ id: A, status: 'Pull complete', progressDetail: {} }, 'done', 100, 100],
  ]
  let progress = emptyProgress()
  for (const [message, phase, current, total] of steps) {
    progress = reduceProgress(progress, message)
    assert.deepEqual(progress.layers.get(A), { phase, current, total }, message.status)
  }
})

test('sums count bytes over all layers, and a layer that is there already counts nothing', () => {
  const progress = after(
    { id: A, status: 'Downloading', progressDetail: { current: 10, total: 100 } },
    { id: B, status: 'Downloading', progressDetail: { current: 5, total: 50 } },
    { id: 'cccccccccccc', status: 'Already exists' },
  )
  assert.deepEqual([progress.current, progress.total], [15, 150])
  assert.equal(progress.layers.get('cccccccccccc')?.phase, 'done')
})

test('the digest and the closing line are kept', () => {
  const progress = after(
    { status: 'Pulling from acme/x', id: 'latest' },
    { status: 'Digest: sha256:abc' },
    { status: 'Status: Downloaded newer image for acme/x:latest' },
  )
  assert.equal(progress.digest, 'sha256:abc')
  assert.equal(progress.final, 'Downloaded newer image for acme/x:latest')
  assert.equal(progress.layers.size, 0)
})

test('a tag of twelve hex digits is not taken for a layer', () => {
  assert.equal(after({ status: 'Pulling from acme/x', id: '0123456789ab' }).layers.size, 0)
})

test('the given progress is left as it is', () => {
  const before = after({ id: A, status: 'Downloading', progressDetail: { current: 1, total: 2 } })
  const copy = structuredClone(before)
  reduceProgress(before, { id: A, status: 'Pull complete' })
  assert.deepEqual(before, copy)
})

const harmless: readonly unknown[] = [
  {},
  { status: {} },
  { status: null, id: null },
  { id: 123456789012, status: 'Downloading' },
  { id: '../../etc', status: 'Downloading' },
  { status: 'WARNING: a sentence without an id' },
  { aux: { ID: 'sha256:1' } },
]
test('messages of another kind change nothing', () => {
  for (const message of harmless) assert.deepEqual(after(message), emptyProgress(), JSON.stringify(message))
})

test('sums stay whole numbers whatever the counters hold', () => {
  const odd = fc.oneof(fc.constant('12'), fc.constant(null), fc.constant(-5), fc.double(), fc.nat(), fc.object())
  const message = fc.record({
    id: fc.constantFrom(A, B),
    status: fc.constantFrom('Downloading', 'Extracting', 'Download complete', 'Pull complete'),
    progressDetail: fc.oneof(fc.constant(null), fc.record({ current: odd, total: odd })),
  })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 10 }), (messages) => {
      const { current, total } = after(...messages)
      assert.ok(typeof current === 'number' && current >= 0, String(current))
      assert.ok(typeof total === 'number' && total >= 0, String(total))
    }),
  )
})
