import assert from 'node:assert/strict'
import { PassThrough, Writable } from 'node:stream'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { OutputStream } from '../../lib/engine/output-stream.ts'
import { frames } from '../../lib/stream/frames.ts'
import { collect, source, type Source } from '../support/bytes.ts'
import { frame } from '../support/frame.ts'

function output(...parts: [type: number, text: string][]): { stream: OutputStream; chunks: Source } {
  const chunks = source(parts.map(([type, text]) => frame(type, text)))
  return { stream: new OutputStream(frames(chunks)), chunks }
}

test('text is both streams as they came, or one of them', async () => {
  const parts: [number, string][] = [
    [1, 'a'],
    [2, 'b'],
    [1, 'c'],
  ]
  assert.equal(await output(...parts).stream.text(), 'abc')
  assert.equal(await output(...parts).stream.text({ stream: 'stderr' }), 'b')
  assert.deepEqual(await output(...parts).stream.collect(), { stdout: 'ac', stderr: 'b' })
  assert.equal(
    Buffer.concat(
      await output(...parts)
        .stream.readable()
        .toArray(),
    ).toString(),
    'abc',
  )
})

test('the limit of a text counts what is kept', async () => {
  const parts: [number, string][] = [
    [2, 'x'.repeat(100)],
    [1, 'abc'],
  ]
  assert.equal(await output(...parts).stream.text({ stream: 'stdout', maxBytes: 3 }), 'abc')
  await assert.rejects(output(...parts).stream.text({ maxBytes: 102 }), (error) => hasCode(error, 'TOO_LARGE'))
  await assert.rejects(output(...parts).stream.collect({ maxBytes: 102 }), (error) => hasCode(error, 'TOO_LARGE'))
})

test('lines are those of each stream, however they are mixed', async () => {
  const { stream } = output([1, 'one\ntw'], [2, 'err'], [1, 'o\nthr'], [2, 'or\r\n'], [1, 'ee'])
  assert.deepEqual((await collect(stream.lines())).values, [
    { stream: 'stdout', line: 'one' },
    { stream: 'stdout', line: 'two' },
    { stream: 'stderr', line: 'error' },
    { stream: 'stdout', line: 'three' },
  ])
})

test('a character that is split between frames is whole in text and lines', async () => {
  const [first, second] = [Buffer.from('ß').subarray(0, 1), Buffer.from('ß\n').subarray(1)]
  const make = (): OutputStream => new OutputStream(frames(source([frame(1, first), frame(1, second)])))
  assert.equal(await make().text(), 'ß\n')
  assert.deepEqual((await collect(make().lines())).values, [{ stream: 'stdout', line: 'ß' }])
})

test('writing to Node streams waits for a slow one, drops what has no place, and ends none', async () => {
  const { stream, chunks } = output([1, 'a'], [2, 'b'], [1, 'c'], [1, 'd'])
  const seen: string[] = []
  const slow = new Writable({
    highWaterMark: 1,
    write: (chunk: Buffer, _, done) => {
      seen.push(`${String(chunk)} of ${chunks.given}`)
      setImmediate(done)
    },
  })
  await stream.writeTo({ stdout: slow })
  // One piece is read ahead, so that an abort is seen while a target takes nothing.
  assert.deepEqual(seen, ['a of 2', 'c of 4', 'd of 4'])
  assert.equal(slow.writableEnded, false)
})

test('a target that is destroyed ends the writing before anything is read', async () => {
  const { stream, chunks } = output([1, 'a'], [1, 'b'])
  const gone = new PassThrough()
  gone.on('error', () => {}).destroy()
  await assert.rejects(stream.writeTo({ stdout: gone }), { code: 'ABORTED' })
  assert.equal(chunks.given, 0, 'nothing is read for nobody')
})

test('output is read once', async () => {
  const { stream } = output([1, 'a'])
  await stream.text()
  await assert.rejects(stream.collect(), (error) => hasCode(error, 'ABORTED'))
})
