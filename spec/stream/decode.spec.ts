import assert from 'node:assert/strict'
import { test } from 'node:test'

import { decode, type Decoder } from '../../lib/stream/decode.ts'
import { bytes, collect, source } from '../support/bytes.ts'

// Gives each byte as a number, fails on 0xff, and gives 1000 at the end.
const eachByte: Decoder<number> = {
  push: (chunk, out) => {
    for (const byte of chunk) {
      if (byte === 0xff) throw new Error('bad byte')
      out.push(byte)
    }
  },
  end: (out) => void out.push(1000),
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(7)
  throw new Error('line cut')
}

test('values come in order over chunks that hold many, one or none, and end() may add some', async () => {
  const chunks = source([Uint8Array.of(1, 2, 3), new Uint8Array(), Uint8Array.of(4)])
  assert.deepEqual(await collect(decode(chunks, eachByte)), { values: [1, 2, 3, 4, 1000], error: undefined })
  assert.equal(chunks.left, false)
})

test('values before a bad byte are given before the error, and the source is left', async () => {
  const chunks = source([Uint8Array.of(1), Uint8Array.of(2, 3, 0xff, 4), Uint8Array.of(5)])
  const { values, error } = await collect(decode(chunks, eachByte))
  assert.deepEqual(values, [1, 2, 3])
  assert.match(String(error), /bad byte/)
  assert.deepEqual([chunks.left, chunks.given], [true, 2])
})

test('an error of the source comes after the values before it, once, and then the stream is over', async () => {
  const stream = decode(broken(), eachByte)
  assert.deepEqual(await stream.next(), { done: false, value: 7 })
  await assert.rejects(stream.next(), /line cut/)
  assert.deepEqual(await stream.next(), { done: true, value: undefined })
})

test('an error of end() is told after the last values', async () => {
  const torn: Decoder<number> = {
    push: (chunk, out) => eachByte.push(chunk, out),
    end: (out) => {
      out.push(9)
      throw new Error('torn')
    },
  }
  const { values, error } = await collect(decode(source([Uint8Array.of(1)]), torn))
  assert.deepEqual(values, [1, 9])
  assert.match(String(error), /torn/)
})

test('nothing is read before it is asked for, and a break leaves the source', async () => {
  const chunks = source([Uint8Array.of(1, 2), Uint8Array.of(3), Uint8Array.of(4)])
  const stream = decode(chunks, eachByte)
  assert.equal(chunks.given, 0)
  for await (const value of stream) {
    if (value === 2) break
  }
  assert.deepEqual([chunks.given, chunks.left], [1, true])
  assert.deepEqual(await stream.next(), { done: true, value: undefined })
})

test('calls of next() that overlap get successive values', async () => {
  const stream = decode(source([Uint8Array.of(1, 2), Uint8Array.of(3)]), eachByte)
  const results = await Promise.all(Array.from({ length: 6 }, () => stream.next()))
  assert.deepEqual(
    results.map((result) => result.value),
    [1, 2, 3, 1000, undefined, undefined],
  )
})

test('return() ends a read that is under way', async () => {
  let left = false
  const silent: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => {
      let wake: ((result: IteratorResult<Uint8Array>) => void) | undefined
      return {
        next: () => new Promise((resolve) => (wake = resolve)),
        return: () => {
          left = true
          wake?.({ done: true, value: undefined })
          return Promise.resolve({ done: true, value: undefined })
        },
      }
    },
  }
  const stream = decode(silent, eachByte)
  const reading = stream.next()
  await stream.return(undefined)
  assert.deepEqual(await reading, { done: true, value: undefined })
  assert.equal(left, true)
})

test('`await using` leaves the source', async () => {
  const chunks = source([bytes('a'), bytes('b')])
  {
    await using stream = decode(chunks, eachByte)
    await stream.next()
  }
  assert.equal(chunks.left, true)
})

test('throw() leaves the source and rejects with the reason', async () => {
  const chunks = source([bytes('a'), bytes('b')])
  const stream = decode(chunks, eachByte)
  await stream.next()
  await assert.rejects(stream.throw(new Error('why')), /why/)
  assert.equal(chunks.left, true)
})

test('the end is told when end() has come to its own, and its values come before', async () => {
  const told: string[] = []
  const slow: Decoder<number> = {
    push: (chunk, out) => eachByte.push(chunk, out),
    end: async (out) => {
      out.push(9)
      await new Promise((resolve) => setImmediate(resolve))
      told.push('ended')
    },
  }
  for await (const value of decode(source([Uint8Array.of(1)]), slow)) told.push(String(value))
  assert.deepEqual(told, ['1', 'ended', '9'])
})

test('every error is the one that fail() makes of it: of the source, of push() and of end(), at once or later', async () => {
  const fail = (error: unknown): Error => new Error(`told: ${(error as Error).message}`)
  const never = (): never => assert.fail('not called')
  const end = async (): Promise<void> => {
    throw new Error('late end')
  }
  const cases: readonly [chunks: AsyncIterable<Uint8Array>, decoder: Decoder<number>, message: RegExp][] = [
    [broken(), { push: () => {}, end: never, fail }, /^Error: told: line cut$/],
    [
      source([Uint8Array.of(0xff)]),
      { push: (chunk, out) => eachByte.push(chunk, out), end: never, fail },
      /told: bad byte/,
    ],
    [source([]), { push: never, end: () => assert.fail('torn'), fail }, /told: torn/],
    [source([]), { push: never, end, fail }, /told: late end/],
  ]
  for (const [chunks, decoder, message] of cases) {
    const { values, error } = await collect(decode(chunks, decoder))
    assert.deepEqual(values, [])
    assert.match(String(error), message)
  }
})
