import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { RecordedRequest } from '../../lib/testing/exchange-file.ts'
import { describeDifference, describeRequest, isRecorded, matchKey, nearness } from '../../lib/testing/match.ts'

const BASE: RecordedRequest = { method: 'GET', path: '/v1.41/a', query: {}, headers: {} }
const matches = (asked: Partial<RecordedRequest>, recorded: Partial<RecordedRequest>): boolean =>
  isRecorded(matchKey({ ...BASE, ...asked }), matchKey({ ...BASE, ...recorded }))

test('the version of the API and the headers do not count', () => {
  assert.ok(matches({ path: '/v1.51/a', headers: { accept: 'x' } }, { path: '/a' }))
  assert.ok(!matches({ path: '/v1.51/a' }, { path: '/version/a' }))
})

test('the query matches whatever the order of its names, but not of the values of one name', () => {
  assert.ok(matches({ query: { a: ['1'], b: ['2'] } }, { query: { b: ['2'], a: ['1'] } }))
  assert.ok(!matches({ query: { a: ['1'] } }, { query: {} }))
  assert.ok(!matches({ query: { a: ['1'] } }, { query: { a: ['1', '1'] } }))
})

test('JSON in the query and in the body matches by value', () => {
  assert.ok(
    matches({ query: { filters: ['{"a":["1"],"b":["2"]}'] } }, { query: { filters: ['{ "b":["2"], "a":["1"]}'] } }),
  )
  assert.ok(matches({ body: { a: 1, b: [null] } }, { body: { b: [null], a: 1 } }))
  assert.ok(!matches({ body: { a: 1, b: null } }, { body: { a: 1 } }))
  assert.ok(!matches({ body: { a: [1, 2] } }, { body: { a: [2, 1] } }))
})

test('what was scrubbed may be anything, the rest must be as it was', () => {
  assert.ok(matches({ body: { Env: ['T=x', 'A=b'] } }, { body: { Env: ['T=[scrubbed]', 'A=b'] } }))
  assert.ok(!matches({ body: { Env: ['T=x', 'A=c'] } }, { body: { Env: ['T=[scrubbed]', 'A=b'] } }))
})

test('requests are told apart in words, without their bodies', () => {
  const [a, b] = [matchKey({ ...BASE, query: { x: ['1'] }, body: { k: 'v' } }), matchKey(BASE)]
  assert.equal(describeRequest(a), 'GET /a?x=1 with a body of 9 characters')
  assert.equal(describeDifference(a, b), 'differs in query and body')
})

test('the same path is nearer than the same query of another path', () => {
  const asked = matchKey({ ...BASE, path: '/containers/a/json', query: { size: ['1'] } })
  const samePath = matchKey({ ...BASE, path: '/containers/a/json' })
  const sameQuery = matchKey({ ...BASE, path: '/images/b/json', query: { size: ['1'] } })
  assert.ok(nearness(asked, samePath) > nearness(asked, sameQuery))
})
