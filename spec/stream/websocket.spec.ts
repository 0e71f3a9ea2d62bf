import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { BINARY, WebSocketDecoder, encodeWebSocketFrame } from '../../lib/stream/websocket.ts'
import { everyCut } from '../support/bytes.ts'

const MASK = Buffer.from([1, 2, 3, 4])

// A frame as a server sends it.
function served(data: Uint8Array, opcode = BINARY): Buffer {
  const head =
    data.length < 126
      ? [data.length]
      : data.length < 65_536
        ? [126, data.length >> 8, data.length & 255]
        : [127, 0, 0, 0, 0, 0, data.length >> 16, (data.length >> 8) & 255, data.length & 255]
  return Buffer.concat([Buffer.from([0x80 | opcode, ...head]), data])
}

test('frames of each length are read, however they are cut', () => {
  for (const length of [0, 1, 125, 126, 300]) {
    const data = Buffer.alloc(length, 'x')
    const whole = Buffer.concat([served(data), served(Buffer.from('next'), 1)])
    for (const chunks of everyCut(whole)) {
      const decoder = new WebSocketDecoder()
      const frames = chunks.flatMap((chunk) => decoder.push(chunk))
      assert.deepEqual(
        frames.map((frame) => [frame.opcode, frame.data.length]),
        [
          [BINARY, length],
          [1, 4],
        ],
      )
    }
  }
  const long = new WebSocketDecoder().push(served(Buffer.alloc(70_000)))
  assert.equal(long[0]?.data.length, 70_000)
})

function broken(error: unknown): boolean {
  return hasCode(error, 'PROTOCOL_VIOLATION')
}

test('a masked frame and one of an impossible size are refused', () => {
  assert.throws(() => new WebSocketDecoder().push(Buffer.from([0x82, 0x81, 1, 2, 3, 4, 5])), broken)
  assert.throws(() => new WebSocketDecoder().push(Buffer.from([0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0])), broken)
})

test('a frame of a client is masked, and its length takes two, four or ten bytes', () => {
  assert.deepEqual(
    Buffer.from(encodeWebSocketFrame(BINARY, Buffer.from('abcde'), MASK)),
    Buffer.from([0x82, 0x85, 1, 2, 3, 4, 0x61 ^ 1, 0x62 ^ 2, 0x63 ^ 3, 0x64 ^ 4, 0x65 ^ 1]),
  )
  for (const [length, header] of [
    [125, 2],
    [126, 4],
    [65_535, 4],
    [65_536, 10],
  ] as const)
    assert.equal(encodeWebSocketFrame(BINARY, Buffer.alloc(length), MASK).length, header + 4 + length)
})
