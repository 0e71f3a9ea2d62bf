import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { hasCode } from '../../lib/base/errors.ts'
import { MAX_FRAME_BYTES, frames, type Output } from '../../lib/stream/frames.ts'
import { bytes, collect, cutAt, everyCut, source } from '../support/bytes.ts'
import { frame } from '../support/frame.ts'

// Joins the pieces of each run of one stream, which is what a reader sees however the bytes were cut.
function runs(pieces: readonly Output[]): [string, string][] {
  const joined: [string, Buffer][] = []
  for (const { stream, data } of pieces) {
    const last = joined.at(-1)
    if (last?.[0] === stream) last[1] = Buffer.concat([last[1], data])
    else joined.push([stream, Buffer.from(data)])
  }
  return joined.map(([stream, data]) => [stream, data.toString('utf8')])
}

test('output is the same wherever the bytes are cut, inside a header or a payload', async () => {
  const whole = Buffer.concat([frame(1, 'out ä'), frame(2, ''), frame(2, 'err'), frame(0, 'in'), frame(1, '\n')])
  for (const chunks of everyCut(whole)) {
    const { values, error } = await collect(frames(source(chunks)))
    assert.equal(error, undefined)
    assert.deepEqual(runs(values), [
      ['stdout', 'out ä'],
      ['stderr', 'err'],
      ['stdin', 'in'],
      ['stdout', '\n'],
    ])
  }
})

test('5,000 frames of one byte in one chunk', async () => {
  const whole = Buffer.concat(Array.from({ length: 5000 }, (_, i) => frame(1 + (i % 2), String(i % 10))))
  const { values, error } = await collect(frames(source([whole])))
  assert.equal(error, undefined)
  assert.equal(values.length, 5000)
  assert.equal(Buffer.concat(values.map(({ data }) => data)).toString(), '0123456789'.repeat(500))
})

test('any frames, in any chunks, give their payload', async () => {
  const one = fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 40 }))
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 10 }), fc.array(fc.nat(500)), async (list, cuts) => {
      const whole = Buffer.concat(list.map(([type, data]) => frame(type, data)))
      const chunks = cutAt(
        whole,
        cuts.map((cut) => Math.min(cut, whole.length)),
      )
      const { values, error } = await collect(frames(source(chunks)))
      assert.equal(error, undefined)
      for (const type of [1, 2]) {
        const sent = Buffer.concat(list.filter((row) => row[0] === type).map((row) => row[1]))
        const got = Buffer.concat(
          values.filter(({ stream }) => stream === (type === 1 ? 'stdout' : 'stderr')).map(({ data }) => data),
        )
        assert.deepEqual(got, sent)
      }
    }),
  )
})

test('a payload is passed on as it comes, without waiting for its frame to be whole', async () => {
  const stream = frames(source([frame(1, 'first half, ', 1000), bytes('second half')]))
  assert.equal(Buffer.from((await stream.next()).value!.data).toString(), 'first half, ')
  assert.equal(Buffer.from((await stream.next()).value!.data).toString(), 'second half')
  await stream.return(undefined)
})

const violations: readonly [what: string, bytes: Uint8Array][] = [
  ['a size of 2^31', frame(1, '', 2 ** 31)],
  ['a size of 2^32 - 1', frame(1, '', 2 ** 32 - 1)],
  ['a size just above the limit', frame(1, '', MAX_FRAME_BYTES + 1)],
  ['an unknown type', frame(4, 'x')],
  ['padding that is not zero', Buffer.from([1, 0, 0, 1, 0, 0, 0, 1, 65])],
  ['raw output of a TTY', bytes('root@box:/# ls -la\r\n')],
]
for (const [what, data] of violations) {
  test(`${what} is an error after the output before it, not a loop`, async () => {
    for (const chunks of everyCut(Buffer.concat([frame(1, 'before'), data]))) {
      const { values, error } = await collect(frames(source(chunks)))
      assert.deepEqual(runs(values), [['stdout', 'before']])
      assert.ok(hasCode(error, 'PROTOCOL_VIOLATION'))
      assert.match(error.message, /TTY/)
    }
  })
}

test('a frame of the largest size is begun', async () => {
  const stream = frames(source([frame(1, 'x', MAX_FRAME_BYTES)]))
  assert.equal((await stream.next()).done, false)
  await stream.return(undefined)
})

test('a stream that ends inside a header or a payload was cut', async () => {
  const whole = frame(1, 'payload')
  for (let length = 1; length < whole.length; length++) {
    const { error } = await collect(frames(source([whole.subarray(0, length)])))
    assert.ok(hasCode(error, 'PROTOCOL_VIOLATION'), `cut at ${length}`)
  }
})

test('type 3 is the error of the engine, whole, printable, after the output before it', async () => {
  const whole = Buffer.concat([frame(1, 'before'), frame(3, 'disk \u001b[31mfull\n'), frame(1, 'after')])
  for (const chunks of everyCut(whole)) {
    const { values, error } = await collect(frames(source(chunks)))
    assert.deepEqual(runs(values), [['stdout', 'before']])
    assert.ok(hasCode(error, 'STREAM_FAILED'))
    assert.equal(error.words, 'disk  [31mfull')
  }
})

test('type 3 fails too when it is empty, cut, or longer than anybody would read', async () => {
  const empty = await collect(frames(source([frame(3, ''), frame(1, 'after')])))
  assert.ok(hasCode(empty.error, 'STREAM_FAILED'))
  const cut = await collect(frames(source([frame(3, 'half of', 100)])))
  assert.ok(hasCode(cut.error, 'STREAM_FAILED'))
  assert.equal(cut.error.words, 'half of')
  const chunk = new Uint8Array(4096).fill(120)
  const flood = source([frame(3, '', MAX_FRAME_BYTES), ...Array.from({ length: 1000 }, () => chunk)])
  const long = await collect(frames(flood))
  assert.ok(hasCode(long.error, 'STREAM_FAILED'))
  assert.equal(flood.given, 1 + (64 << 10) / chunk.length)
})
