import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import {
  canonicalJson,
  isObject,
  mayLoseDigits,
  objectAt,
  parseJson,
  printJson,
  type JsonValue,
} from '../../lib/base/json.ts'

const exact: readonly string[] = [
  '9007199254740993',
  '-9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '18446744073709551615',
  '{"Memory":9007199254740993}',
  '{"a":[1,9007199254740993,-9007199254740993]}',
  '{"__proto__":"x","n":9007199254740993}',
  '{"__proto__":{"constructor":{"prototype":1}},"n":9007199254740993}',
  '{"Labels":{"__proto__":"x","constructor":"y","":"z","toString":"w"},"Null":null,"Empty":[],"Object":{}}',
  '{"text":"a 9007199254740993 inside, \\"9007199254740993\\""}',
  '{"text":"\\ud800 lone, \\u0000 nul, \u2028","n":9007199254740993}',
  '[0,-1,1.5,true,false,null,""]',
]
for (const text of exact) {
  test(`${text.slice(0, 60)} is printed as it was read`, () => {
    assert.equal(printJson(parseJson(text)), text)
  })
}

test('integers that a double holds are numbers, larger ones are bigint, and fractions are never bigint', () => {
  const texts = ['1234567890123456.5', '1e30', '12345678901234567890e2', '0.12345678901234567', '-0']
  assert.deepEqual(parseJson(`[${texts.join(',')}]`), texts.map(Number))
  assert.deepEqual(parseJson('[9007199254740991,9007199254740992]'), [9007199254740991, 9007199254740992n])
})

test('a long number is found wherever it stands, and however long it is', () => {
  for (let indent = 0; indent < 40; indent++) {
    for (const digits of ['9007199254740993', '-9007199254740993', '9223372036854775807']) {
      const text = `${' '.repeat(indent)}[${digits},1]`
      assert.equal(printJson(parseJson(text)), text.trim())
    }
  }
})

test('what looks like a long number is found in any text, and an id of digits is none', () => {
  const part = fc.oneof(fc.stringMatching(/^\d{1,40}$/), fc.constantFrom('"', ':', ',', '[', '-', ' ', '\n', 'a', '.'))
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const text = parts.join('')
      assert.equal(mayLoseDigits(text), /(?:^|[-:[,\s])\d{16,}/.test(text), text)
    }),
    { numRuns: 2000 },
  )
  assert.equal(mayLoseDigits(`{"Id":"${'0'.repeat(64)}"}`), false)
})

test('no prototype is changed by what was read', () => {
  for (const extra of ['1', '9007199254740993']) {
    const value = parseJson(`{"__proto__":{"polluted":true},"n":${extra}}`)
    assert.deepEqual(Object.keys(value as object), ['__proto__', 'n'])
    assert.equal(Object.getPrototypeOf(value), Object.prototype)
    assert.equal(({} as { polluted?: boolean }).polluted, undefined)
  }
})

test('of a member that comes twice the last counts, with long numbers and without', () => {
  assert.deepEqual(parseJson('{"a":1,"a":2}'), { a: 2 })
  assert.deepEqual(parseJson('{"a":1,"a":9007199254740993}'), { a: 9007199254740993n })
})

test('what is not JSON is a SyntaxError, with long numbers and without', () => {
  for (const text of ['', '{', '{"a":}', "{'a':1}", '[1,]', '{"n":9007199254740993', '[9007199254740993,]', '<html>'])
    assert.throws(() => parseJson(text), SyntaxError, text)
})

test('any value comes back from print and parse', () => {
  const value = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.string(),
      fc.maxSafeInteger(),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }),
      fc.array(tie('value')),
      fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('value')),
    ),
  })).value
  fc.assert(
    fc.property(value, (given) => {
      const text = printJson(given)
      assert.equal(printJson(parseJson(text)), text)
      assert.equal(canonicalJson(parseJson(text)), canonicalJson(given))
    }),
  )
})

test('undefined members are left out, and nothing at all is null', () => {
  assert.equal(printJson({ a: undefined, b: null, c: 1n }), '{"b":null,"c":1}')
  assert.equal(printJson(undefined), 'null')
})

test('canonical text sorts members at every depth and tells null, [] and {} apart', () => {
  assert.equal(canonicalJson(parseJson('{"b":[{"d":1,"c":2}],"a":"x"}')), '{"a":"x","b":[{"c":2,"d":1}]}')
  assert.equal(new Set(['null', '[]', '{}', '""', '0', 'false'].map((text) => canonicalJson(parseJson(text)))).size, 6)
  assert.equal(canonicalJson(undefined), 'undefined')
  assert.equal(canonicalJson(9007199254740993n), '9007199254740993')
})

test('an object is told from null and from an array', () => {
  assert.deepEqual([{}, [], null, 'x', undefined].map(isObject), [true, false, false, false, false])
})

test('a member that is not an own object reads as an empty one', () => {
  const value = { a: { b: 1 }, n: null, l: [1] }
  assert.deepEqual(objectAt(value, 'a'), { b: 1 })
  for (const key of ['n', 'l', 'x', '__proto__', 'constructor']) assert.deepEqual(objectAt(value, key), {}, key)
  assert.deepEqual(objectAt(undefined, 'a'), {})
})

const EVENT = '{"time":1764306000,"timeNano":1764306000123456789,"Actor":{"Attributes":{"a":"b"}}}'

test('plain JSON prints a 64-bit integer of an answer as a text, at every depth', () => {
  const printed = JSON.stringify({ events: [parseJson(EVENT)] })
  assert.equal(printed, `{"events":[${EVENT.replace('1764306000123456789', '"1764306000123456789"')}]}`)
})

test('printJson prints the number itself, at every depth', () => {
  assert.equal(printJson({ events: [parseJson(EVENT)] }), `{"events":[${EVENT}]}`)
})

test('what makes an answer printable is no member of it', () => {
  const event = parseJson(EVENT)
  assert.deepEqual(Object.keys(event as object), ['time', 'timeNano', 'Actor'])
  assert.deepEqual(event, { time: 1764306000, timeNano: 1764306000123456789n, Actor: { Attributes: { a: 'b' } } })
})

test('a member toJSON of the answer itself stays', () => {
  const text = '{"toJSON":"x","n":9007199254740993}'
  assert.equal(printJson(parseJson(text)), text)
})
