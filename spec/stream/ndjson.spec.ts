import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { hasCode } from '../../lib/base/errors.ts'
import { printJson } from '../../lib/base/json.ts'
import { ndjson } from '../../lib/stream/ndjson.ts'
import { bytes, collect, cutAt, everyCut, source } from '../support/bytes.ts'

const rows: readonly [what: string, text: string, values: unknown[]][] = [
  ['LF', '{"a":1}\n{"b":2}\n', [{ a: 1 }, { b: 2 }]],
  [
    'CRLF, as pull streams have',
    '{"status":"Pulling"}\r\n{"status":"ä€𝄞"}\r\n',
    [{ status: 'Pulling' }, { status: 'ä€𝄞' }],
  ],
  ['blank lines and lines of spaces', '\n\r\n  \n{"a":1}\n\n\t\n', [{ a: 1 }]],
  ['a byte order mark', '\uFEFF{"a":1}\n', [{ a: 1 }]],
  ['JSON text sequences (RFC 7464)', '\x1e{"a":1}\n\x1e{"b":2}\n', [{ a: 1 }, { b: 2 }]],
  ['no newline at the end', '{"a":1}\n{"b":2}', [{ a: 1 }, { b: 2 }]],
  ['values that are not objects', 'null\n[]\n"x"\n1\n', [null, [], 'x', 1]],
  ['64-bit integers', '{"n":9007199254740993}\n', [{ n: 9007199254740993n }]],
  ['nothing', '', []],
]

for (const [what, text, values] of rows) {
  test(`${what}: the same values wherever the bytes are cut`, async () => {
    for (const chunks of everyCut(bytes(text))) {
      assert.deepEqual(await collect(ndjson(source(chunks))), { values, error: undefined })
    }
  })
}

test('a member called __proto__ stays a member', async () => {
  const { values } = await collect(ndjson(source([bytes('{"__proto__":{"x":1}}\n')])))
  assert.deepEqual(Object.keys(values[0] as object), ['__proto__'])
})

test('what is not JSON fails after the values before it, wherever the bytes are cut', async () => {
  for (const chunks of everyCut(bytes('{"a":1}\n{"b":2}\n<html>\u001b[31m\n{"c":3}\n'))) {
    const { values, error } = await collect(ndjson(source(chunks)))
    assert.deepEqual(values, [{ a: 1 }, { b: 2 }])
    assert.ok(hasCode(error, 'PROTOCOL_VIOLATION'))
    assert.match(error.message, /not JSON: <html> \[31m$/)
  }
})

for (const text of ['{"a":1\n"b":2}\n', '1,2\n[3\n4]\n', '{"a":1},{"b":2}\n', '{"a":[1\n2]}\n{"b":1},{"c":2}\n']) {
  test(`lines that are JSON only together are not: ${JSON.stringify(text)}`, async () => {
    for (const chunks of [[bytes(text)], Array.from(bytes(text), (byte) => Uint8Array.of(byte))]) {
      const { error } = await collect(ndjson(source(chunks)))
      assert.ok(hasCode(error, 'PROTOCOL_VIOLATION'), String(error))
    }
  })
}

test('a stream that was cut inside a line fails', async () => {
  for (const text of ['{"a":1}\n{"b":', '{"a":1}\n"x', '{"a":1}\n{"b":2']) {
    const { values, error } = await collect(ndjson(source([bytes(text)])))
    assert.deepEqual(values, [{ a: 1 }])
    assert.ok(hasCode(error, 'PROTOCOL_VIOLATION'), text)
  }
})

test('a line over the cap fails after the values before it', async () => {
  const { values, error } = await collect(ndjson(source([bytes(`{"a":1}\n"${'x'.repeat(2 << 20)}"\n`)])))
  assert.deepEqual(values, [{ a: 1 }])
  assert.ok(hasCode(error, 'PROTOCOL_VIOLATION'))
})

test('any values, in any chunks, come back as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.array(fc.nat(200)), async (values, cuts) => {
      const data = bytes(values.map((value) => `${JSON.stringify(value)}\n`).join(''))
      const chunks = cutAt(
        data,
        cuts.map((cut) => Math.min(cut, data.length)),
      )
      const { values: read, error } = await collect(ndjson(source(chunks)))
      assert.equal(error, undefined)
      assert.equal(printJson(read), JSON.stringify(values))
    }),
  )
})
