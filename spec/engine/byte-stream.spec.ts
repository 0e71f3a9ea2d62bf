import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { ByteStream } from '../../lib/engine/byte-stream.ts'
import { bytes, collect, source } from '../support/bytes.ts'
import { until } from '../support/until.ts'

function make(): ByteStream {
  return new ByteStream(source([bytes('grü'), bytes('ß\r\ndich'), bytes('\nx')]))
}

test('a stream is bytes, text, lines or a Node stream', async () => {
  assert.equal(Buffer.from(await make().bytes()).toString(), 'grüß\r\ndich\nx')
  assert.equal(await make().text(), 'grüß\r\ndich\nx')
  assert.deepEqual((await collect(make().lines())).values, ['grüß', 'dich', 'x'])
  assert.equal(Buffer.concat(await make().readable().toArray()).toString(), 'grüß\r\ndich\nx')
})

test('a text is no longer than its limit, and the source is left there', async () => {
  const endless = source(
    (function* () {
      for (;;) yield bytes('x'.repeat(1000))
    })(),
  )
  await assert.rejects(new ByteStream(endless).text({ maxBytes: 5000 }), (error) => hasCode(error, 'TOO_LARGE'))
  assert.equal(endless.given, 6)
  assert.equal(endless.left, true)
  assert.equal(await new ByteStream(source([bytes('12345')])).text({ maxBytes: 5 }), '12345')
})

test('a stream is read once', async () => {
  const stream = new ByteStream(source([bytes('a')]))
  await stream.text()
  await assert.rejects(stream.text(), (error) => hasCode(error, 'ABORTED') && /already/.test(error.message))
})

test('destroying the Node stream leaves the source', async () => {
  const chunks = source([bytes('a'), bytes('b'), bytes('c')])
  const readable = new ByteStream(chunks).readable()
  for await (const _ of readable) break
  await until('the source is left', () => chunks.left)
})
