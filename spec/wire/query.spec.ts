import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { encodeQuery, type Query } from '../../lib/wire/query.ts'

const rows: readonly [what: string, query: Query | undefined, text: string][] = [
  ['nothing', undefined, ''],
  ['no parameter', {}, ''],
  ['only undefined ones', { a: undefined }, ''],
  ['texts', { fromImage: 'acme/x', tag: 'a b&c' }, '?fromImage=acme%2Fx&tag=a+b%26c'],
  ['booleans as 1 and 0', { all: true, force: false }, '?all=1&force=0'],
  ['numbers, zero too', { t: 0, limit: -1 }, '?t=0&limit=-1'],
  ['64-bit integers', { memory: 9007199254740993n }, '?memory=9007199254740993'],
  ['arrays as repeated keys, never joined', { names: ['a', 'b,c'] }, '?names=a&names=b%2Cc'],
  ['an empty array as nothing', { names: [] }, ''],
  ['an empty text', { since: '' }, '?since='],
]
for (const [what, query, text] of rows) {
  test(`a query writes ${what}`, () => {
    assert.equal(encodeQuery(query), text)
  })
}

test('filters and platforms go as JSON', () => {
  const text = encodeQuery({ filters: { name: ['^/web$'], label: ['a=b', 'c'] }, platform: { os: 'linux' } })
  const params = new URLSearchParams(text)
  assert.deepEqual(JSON.parse(params.get('filters') ?? ''), { name: ['^/web$'], label: ['a=b', 'c'] })
  assert.equal(params.get('platform'), '{"os":"linux"}')
})

test('any texts come back from a query as they went in', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 })),
      (query) => {
        const params = new URLSearchParams(encodeQuery(query))
        for (const [name, values] of Object.entries(query)) assert.deepEqual(params.getAll(name), values)
      },
    ),
  )
})
