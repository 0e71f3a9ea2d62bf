import assert from 'node:assert/strict'
import { test } from 'node:test'

import { bytes, columns, duration } from '../../lib/cli/text.ts'

test('bytes are told with a unit that leaves few digits', () => {
  assert.deepEqual([0, 1, 999, 1000, 1500, 204_100_000, 1e9, 2.5e12, 1e16].map(bytes), [
    '0 B',
    '1 B',
    '999 B',
    '1.0 kB',
    '1.5 kB',
    '204.1 MB',
    '1.0 GB',
    '2.5 TB',
    '10000.0 TB',
  ])
})

test('durations are told in seconds, with a tenth where it matters', () => {
  assert.deepEqual([0, 40, 400, 1234, 99_999, 100_000, 3_600_000].map(duration), [
    '0.0 s',
    '0.0 s',
    '0.4 s',
    '1.2 s',
    '100.0 s',
    '100 s',
    '3600 s',
  ])
})

test('columns are as wide as their widest cell, and no line ends in spaces', () => {
  assert.deepEqual(
    columns([
      ['a', 'bbb', 'c'],
      ['aaaa', 'b', ''],
    ]),
    ['a     bbb  c', 'aaaa  b'],
  )
  assert.deepEqual(columns([]), [])
  assert.deepEqual(columns([['x'], ['yy', 'z']]), ['x', 'yy  z'])
})

test('E45 control characters of a cell become a space, so that a line stays a line', () => {
  assert.deepEqual(
    columns([
      ['a\u001b[2Jb', 'c\r\nd'],
      ['  e', 'x\u009by'],
    ]),
    ['a [2Jb  c d', '  e     x y'],
  )
})
