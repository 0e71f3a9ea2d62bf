import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { upload } from '../../lib/wire/upload.ts'
import { bytes, collect, source } from '../support/bytes.ts'

test('an upload gives what its source gives', async () => {
  const chunks = source([bytes('a'), bytes('b')])
  const { values, error } = await collect(upload(chunks, 'PUT /x'))
  assert.deepEqual([Buffer.concat(values).toString(), error, chunks.left], ['ab', undefined, false])
})

test('a source that fails is an error that names the request, with the cause', async () => {
  const cause = new Error('disk\u001b on fire')
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield bytes('a')
    throw cause
  }
  const { values, error } = await collect(upload(broken(), 'PUT /x'))
  assert.equal(values.length, 1)
  assert.ok(hasCode(error, 'ABORTED') && error.cause === cause)
  assert.match(error.message, /^PUT \/x was given up: its body failed: disk {2}on fire$/)
})

test('leaving an upload in the middle leaves its source, once, and nothing more is read', async () => {
  const chunks = source([bytes('a'), bytes('b')])
  const body = upload(chunks, 'PUT /x')
  const iterator = body[Symbol.asyncIterator]()
  await iterator.next()
  body.leave()
  body.leave()
  assert.deepEqual(await iterator.next(), { done: true, value: undefined })
  assert.deepEqual([chunks.left, chunks.given], [true, 1])
})

test('a Node stream is destroyed when it is left, also when nothing was read of it', () => {
  const stream = new Readable({ read: () => {} })
  upload(stream, 'PUT /x').leave()
  assert.equal(stream.destroyed, true)
})
