import assert from 'node:assert/strict'
import { test } from 'node:test'

import { messageOf } from '../../lib/base/errors.ts'
import { answer } from '../../lib/wire/answer.ts'
import { bytes, collect, source, type Source } from '../support/bytes.ts'

interface Setup {
  readonly chunks: AsyncIterable<Uint8Array>
  readonly events: string[]
}

function setup(body: () => Promise<AsyncIterable<Uint8Array>>): Setup {
  const events: string[] = []
  const chunks = answer({
    open: (left) => {
      events.push('open')
      left.addEventListener('abort', () => events.push('left'))
      return body()
    },
    closed: (error) => events.push(error === undefined ? 'closed' : `closed by ${messageOf(error)}`),
  })
  return { chunks, events }
}

test('nothing is opened before a chunk is asked for, and nothing is closed that was not opened', async () => {
  const { chunks, events } = setup(() => assert.fail('was opened'))
  const iterator = chunks[Symbol.asyncIterator]()
  await iterator.return?.()
  assert.deepEqual(await iterator.next(), { done: true, value: undefined })
  assert.deepEqual(events, [])
})

test('the chunks come through, and it is closed once at their end', async () => {
  const { chunks, events } = setup(async () => source([bytes('a'), bytes('b')]))
  const { values } = await collect(chunks)
  assert.equal(Buffer.concat(values).toString(), 'ab')
  assert.deepEqual(events, ['open', 'closed'])
})

test('an error while opening and one inside are passed on, and it is closed once by them', async () => {
  const opening = setup(() => Promise.reject(new Error('refused')))
  assert.match(String((await collect(opening.chunks)).error), /refused/)
  assert.deepEqual(opening.events, ['open', 'closed by refused'])
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield bytes('a')
    throw new Error('cut')
  }
  const inside = setup(async () => broken())
  const { values, error } = await collect(inside.chunks)
  assert.deepEqual([values.length, String(error)], [1, 'Error: cut'])
  assert.deepEqual(inside.events, ['open', 'closed by cut'])
})

test('leaving in the middle leaves the body, and what is left by an error is closed by it', async () => {
  let body: Source = source([])
  const open = async (): Promise<Source> => (body = source([bytes('a'), bytes('b')]))
  const calm = setup(open)
  for await (const _ of calm.chunks) break
  assert.deepEqual([body.left, calm.events], [true, ['open', 'left', 'closed']])
  const wild = setup(open)
  const iterator = wild.chunks[Symbol.asyncIterator]()
  await iterator.next()
  await iterator.throw?.(new Error('bad line'))
  assert.deepEqual([body.left, wild.events], [true, ['open', 'left', 'closed by bad line']])
})

test('leaving while it is opened tells the opener at once', async () => {
  const { chunks, events } = setup(() => new Promise(() => {}))
  const iterator = chunks[Symbol.asyncIterator]()
  void iterator.next()
  await iterator.return?.()
  assert.deepEqual(events, ['open', 'left', 'closed'])
})
