import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { hasCode } from '../../lib/base/errors.ts'
import { MAX_LINE_BYTES, lines } from '../../lib/stream/lines.ts'
import { bytes, collect, cutAt, everyCut, source } from '../support/bytes.ts'

const TEXT = 'first\r\n\nzweite Zeile: äöü €, 𝄞\r\n\r\nlast\rwith a lone return\nunterminated 日本'
const LINES = ['first', '', 'zweite Zeile: äöü €, 𝄞', '', 'last\rwith a lone return', 'unterminated 日本']

test('lines are the same wherever the bytes are cut, inside a character or between CR and LF', async () => {
  for (const chunks of everyCut(bytes(TEXT))) {
    assert.deepEqual(await collect(lines(source(chunks))), { values: LINES, error: undefined })
  }
})

test('any text, in any chunks, gives its lines', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', '\r', 'é', '𝄞', ' ', '\u2028', '\0') })
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(60)), async (whole, cuts) => {
      const data = bytes(whole)
      const expected = whole.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
      if (whole === '' || whole.endsWith('\n')) expected.pop()
      const chunks = cutAt(
        data,
        cuts.map((cut) => Math.min(cut, data.length)),
      )
      assert.deepEqual((await collect(lines(source(chunks)))).values, expected)
    }),
  )
})

test('no input gives no line, and one newline gives one empty line', async () => {
  assert.deepEqual((await collect(lines(source([])))).values, [])
  assert.deepEqual((await collect(lines(source([bytes('\n')])))).values, [''])
})

test('a line of exactly 1 MiB passes and one byte more does not, however it is cut and whatever its characters', async () => {
  for (const [unit, width] of [
    ['x', 1],
    ['é', 2],
  ] as const) {
    const longest = unit.repeat(MAX_LINE_BYTES / width)
    for (const size of [MAX_LINE_BYTES * 2, 65_536, 100_003]) {
      const chunked = (text: string): Uint8Array[] => {
        const data = bytes(text)
        return cutAt(
          data,
          Array.from({ length: Math.floor(data.length / size) }, (_, i) => i * size),
        )
      }
      assert.deepEqual(await collect(lines(source(chunked(`${longest}\nnext\n`)))), {
        values: [longest, 'next'],
        error: undefined,
      })
      const { values, error } = await collect(lines(source(chunked(`ok\n${longest}x\nnext\n`))))
      assert.deepEqual(values, ['ok'])
      assert.ok(hasCode(error, 'PROTOCOL_VIOLATION'))
    }
  }
})

test('an endless line is given up at the cap and its source is left', async () => {
  const chunk = new Uint8Array(65_536).fill(120)
  const endless = source(
    (function* () {
      for (let i = 0; i < 100_000; i++) yield chunk
    })(),
  )
  const { error } = await collect(lines(endless))
  assert.ok(hasCode(error, 'PROTOCOL_VIOLATION'))
  assert.equal(endless.left, true)
  assert.equal(endless.given, MAX_LINE_BYTES / chunk.length + 1)
})
