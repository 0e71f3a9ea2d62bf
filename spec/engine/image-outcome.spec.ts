import assert from 'node:assert/strict'
import { test } from 'node:test'

import { built, imported, loaded, pushed } from '../../lib/engine/image-outcome.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

test('a push tells its digest in aux, or in its closing line', () => {
  assert.deepEqual(pushed({ aux: { Tag: '1', Digest: DIGEST, Size: 527 } }), { tag: '1', digest: DIGEST, size: 527 })
  const line = `1: digest: ${DIGEST} size: 405`
  assert.deepEqual(pushed({ status: line }), { tag: '1', digest: DIGEST, size: 405 })
  assert.equal(pushed({ status: 'Pushed', id: 'abc' }), undefined)
  assert.equal(pushed({ aux: { manifestPushedInsteadOfIndex: true } }), undefined)
})

test('a load tells what it loaded, by name or id, one a line or several', () => {
  assert.deepEqual(loaded({ stream: 'Loaded image: a:1\n' }), ['a:1'])
  assert.deepEqual(loaded({ stream: `Loaded image ID: ${DIGEST}\n` }), [DIGEST])
  assert.deepEqual(loaded({ stream: 'Loaded image: localhost/a:1,localhost/b:2' }), ['localhost/a:1', 'localhost/b:2'])
  assert.deepEqual(loaded({ stream: 'Loading layer' }), [])
  assert.deepEqual(loaded({ status: 'Loading layer' }), [])
})

test('a build tells its image in aux, or in words', () => {
  assert.deepEqual(built({ aux: { ID: DIGEST } }), { id: DIGEST, sure: true })
  assert.deepEqual(built({ stream: 'Successfully built 0123456789ab\n' }), { id: '0123456789ab', sure: false })
  assert.deepEqual(built({ stream: `${DIGEST}\n` }), { id: DIGEST, sure: false })
  assert.equal(built({ stream: 'Step 1/2 : FROM x\n' }), undefined)
  assert.equal(built({ stream: 'Successfully tagged x:latest\n' }), undefined)
})

test('an import tells the id as a status', () => {
  assert.equal(imported({ status: DIGEST }), DIGEST)
  assert.equal(imported({ status: 'Downloading from http://x' }), undefined)
})
