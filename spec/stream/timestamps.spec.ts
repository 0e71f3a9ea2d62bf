import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Output } from '../../lib/stream/frames.ts'
import { TimestampedFrames, TimestampedText } from '../../lib/stream/timestamps.ts'
import { frame } from '../support/frame.ts'

type Stamped = TimestampedFrames | TimestampedText

// The same however the bytes are cut.
function each(make: () => Stamped, bytes: Buffer, check: (text: (stream: Output['stream']) => string) => void): void {
  for (const size of [1, 7, 100, 4096, bytes.length]) {
    const [decoder, out] = [make(), [] as Output[]]
    for (let at = 0; at < bytes.length; at += size) decoder.push(bytes.subarray(at, at + size), out)
    decoder.end(out)
    check((stream) =>
      Buffer.concat(out.filter((piece) => piece.stream === stream).map(({ data }) => data)).toString('latin1'),
    )
  }
}

const T1 = '2026-11-28T08:59:02.597277791Z '
const T2 = '2026-11-28T08:59:02.597300000Z '
const T3 = '2026-11-28T08:59:03.1Z '
const X = 'x'.repeat(16384)

test('a long line has the timestamp of its first piece alone', () => {
  const pieces = [`${T1}${X}`, `${T2}${X}`, `${T3}end\n`, `${T3}short\n`]
  each(
    () => new TimestampedFrames(),
    Buffer.concat(pieces.map((piece) => frame(1, piece))),
    (text) => assert.equal(text('stdout'), `${T1}${X}${X}end\n${T3}short\n`),
  )
})

test('the lines of the other stream stand between its pieces as they are', () => {
  const bytes = Buffer.concat([
    frame(1, `${T1}${X}`),
    frame(2, `${T2}err\n`),
    frame(1, `${T3}end\n`),
    frame(2, `${T3}e2\n`),
  ])
  each(
    () => new TimestampedFrames(),
    bytes,
    (text) => {
      assert.equal(text('stdout'), `${T1}${X}end\n`)
      assert.equal(text('stderr'), `${T2}err\n${T3}e2\n`)
    },
  )
})

test('a frame that goes on without a timestamp, or is shorter than one, is kept whole', () => {
  const bytes = Buffer.concat([
    frame(1, `${T1}a`),
    frame(1, 'b'),
    frame(1, 'no stamp here, but blanks '),
    frame(1, '12\n'),
  ])
  each(
    () => new TimestampedFrames(),
    bytes,
    (text) => assert.equal(text('stdout'), `${T1}abno stamp here, but blanks 12\n`),
  )
})

test('a timestamp inside of a frame is the text of the program', () => {
  each(
    () => new TimestampedFrames(),
    Buffer.concat([frame(1, `${T1}${X}`), frame(1, `${T2}at ${T3}it ended\n`)]),
    (text) => assert.equal(text('stdout'), `${T1}${X}at ${T3}it ended\n`),
  )
})

test('of a TTY, which has no frames, pieces are known by their length and their time', () => {
  const tty = `${T1}${X}${T2}${X}${T3}end\r\n${T3}short\r\n`
  each(
    () => new TimestampedText(),
    Buffer.from(tty),
    (text) => assert.equal(text('stdout'), `${T1}${X}${X}end\r\n${T3}short\r\n`),
  )
})

test('the pieces of podman, some of a single byte, are known too', () => {
  const second = '2026-11-28T08:58:20Z '
  const p = 'p'.repeat(4095)
  each(
    () => new TimestampedText(),
    Buffer.from(`${second}${p}${second}q${second}${p}\r\n${second}next\r\n`),
    (text) => assert.equal(text('stdout'), `${second}${p}q${p}\r\n${second}next\r\n`),
  )
})

test('what a program writes into its own line stays there', () => {
  const earlier = '2026-11-28T08:59:02.500000000Z '
  for (const line of [
    `${T1}level=info time=${T3}msg\n`,
    `${T1}${X}time=${earlier}msg\n`,
    `${T1}${X}7\n`,
    `${T1}no end 2026`,
  ]) {
    each(
      () => new TimestampedText(),
      Buffer.from(line),
      (text) => assert.equal(text('stdout'), line),
    )
  }
})
