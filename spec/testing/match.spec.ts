import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { JsonObject } from '../../lib/base/json.ts'
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

test('lists without an order for an engine match in any order, each item once', () => {
  for (const name of ['Env', 'Binds', 'CapAdd', 'Aliases', 'mounts']) {
    assert.ok(matches({ body: { a: { [name]: ['x', 'y'] } } }, { body: { a: { [name]: ['y', 'x'] } } }), name)
    assert.ok(!matches({ body: { a: { [name]: ['x', 'x'] } } }, { body: { a: { [name]: ['y', 'x'] } } }), name)
  }
  const ports = (...list: string[]) => ({
    body: { PortBindings: { '80/tcp': list.map((HostPort) => ({ HostPort })) } },
  })
  assert.ok(matches(ports('1', '2'), ports('2', '1')))
  const filters = (list: string) => ({ query: { filters: [`{"label":${list}}`] } })
  assert.ok(matches(filters('["a","b"]'), filters('["b","a"]')))
})

test('a command keeps its order', () => {
  for (const name of ['Cmd', 'Entrypoint', 'Dns', 'Test'])
    assert.ok(!matches({ body: { [name]: ['x', 'y'] } }, { body: { [name]: ['y', 'x'] } }), name)
})

test('in a set an exact item is not taken by one that was scrubbed', () => {
  assert.ok(matches({ body: { Env: ['T=1', 'T=2'] } }, { body: { Env: ['T=[scrubbed]', 'T=1'] } }))
  assert.ok(!matches({ body: { Env: ['T=1', 'U=2'] } }, { body: { Env: ['T=[scrubbed]', 'T=1'] } }))
})

for (const [what, asked, recorded, path] of [
  [
    'a member',
    { HostConfig: { Memory: 1 } },
    { HostConfig: { Memory: 2 } },
    '$.HostConfig.Memory: asked 1, recorded 2',
  ],
  ['an item', { Cmd: ['a', 'b'] }, { Cmd: ['a', 'c'] }, '$.Cmd[1]: asked "b", recorded "c"'],
  ['one that is missing', { a: 1 }, { a: 1, b: [] }, '$.b: asked nothing, recorded []'],
  ['an item of a set', { Env: ['B=1', 'A=2'] }, { Env: ['A=1', 'B=1'] }, '$.Env[1]: asked "A=2", recorded "A=1"'],
  [
    'a name that is no word',
    { Labels: { 'a.b': '1' } },
    { Labels: { 'a.b': '2' } },
    '$.Labels["a.b"]: asked "1", recorded "2"',
  ],
  [
    'a secret',
    { A_TOKEN: 'hidden-1' },
    { A_TOKEN: 'hidden-2' },
    '$.A_TOKEN: asked "[scrubbed]", recorded "[scrubbed]"',
  ],
] as const) {
  test(`a difference is named by its path and both values: ${what}`, () => {
    const difference = describeDifference(
      matchKey({ ...BASE, body: asked as unknown as JsonObject }),
      matchKey({ ...BASE, body: recorded as unknown as JsonObject }),
    )
    assert.equal(difference, `differs in body at ${path}`)
  })
}

test('requests are told apart in words, without their bodies', () => {
  const [a, b] = [matchKey({ ...BASE, query: { x: ['1'] }, body: { k: 'v' } }), matchKey(BASE)]
  assert.equal(describeRequest(a), 'GET /a?x=1 with a body of 9 characters')
  assert.equal(describeDifference(a, b), 'differs in query at $.x: asked "1", recorded nothing')
})

test('of two bodies the one with more in common is nearer', () => {
  const body = (Image: string, name: string) => matchKey({ ...BASE, body: { Image, Cmd: ['sh'], Labels: { name } } })
  assert.ok(nearness(body('a', 'x'), body('a', 'y')) > nearness(body('a', 'x'), body('b', 'y')))
})

test('the same path is nearer than the same query of another path', () => {
  const asked = matchKey({ ...BASE, path: '/containers/a/json', query: { size: ['1'] } })
  const samePath = matchKey({ ...BASE, path: '/containers/a/json' })
  const sameQuery = matchKey({ ...BASE, path: '/images/b/json', query: { size: ['1'] } })
  assert.ok(nearness(asked, samePath) > nearness(asked, sameQuery))
})
