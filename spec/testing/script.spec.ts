import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Exchange } from '../../lib/testing/exchange-file.ts'
import { createScript, type Script, type ScriptOptions } from '../../lib/testing/script.ts'
import { decode, exchange } from '../support/exchanges.ts'

const script = (exchanges: readonly Exchange[], options?: ScriptOptions): Script =>
  createScript([{ exchanges, replace: [] }], options)
const take = (from: Script, asked: string): string => {
  const found = from.take(() => exchange(asked, []).request)
  return 'problem' in found ? found.problem : decode(found.response.chunks).join('')
}

test('equal requests get their answers in the recorded order, whatever is asked in between', () => {
  const s = script([exchange('GET /a', ['1']), exchange('GET /b', ['2']), exchange('GET /a', ['3'])])
  assert.deepEqual([take(s, 'GET /a'), take(s, 'GET /a'), take(s, 'GET /b')], ['1', '3', '2'])
  assert.deepEqual([s.problems, s.unasked()], [[], []])
})

test('asked more often than recorded is a problem', () => {
  const s = script([exchange('GET /a', ['1'])])
  take(s, 'GET /a')
  assert.equal(take(s, 'GET /a'), 'asked 2 times, recorded 1: GET /a')
  assert.equal(s.problems.length, 1)
})

test('with repeat the last answer comes again', () => {
  const s = script([exchange('GET /a', ['1']), exchange('GET /a', ['2'])], { repeat: true })
  assert.deepEqual([take(s, 'GET /a'), take(s, 'GET /a'), take(s, 'GET /a')], ['1', '2', '2'])
  assert.deepEqual(s.problems, [])
})

test('what was not recorded is told with what is closest', () => {
  const s = script([exchange('GET /containers/a/json', []), exchange('GET /images/a/json', [])])
  assert.equal(
    take(s, 'GET /v1.51/containers/a/json?size=1'),
    'not recorded: GET /containers/a/json?size=1; closest is GET /containers/a/json, which differs in query at $.size: asked "1", recorded nothing',
  )
  assert.equal(take(script([]), 'GET /a'), 'not recorded: GET /a; nothing is')
})

test('what was never asked for is listed', () => {
  const s = script([exchange('GET /a', []), exchange('GET /b', [])])
  take(s, 'GET /b')
  assert.deepEqual(
    s.unasked().map(({ name }) => name),
    ['GET /a'],
  )
})

test('strict order refuses what is not due and names what is', () => {
  const s = script([exchange('GET /a', []), exchange('GET /b', ['2'])], { strictOrder: true })
  assert.equal(take(s, 'GET /b'), 'asked out of order: GET /b; due was GET /a')
  assert.equal(take(s, 'GET /a'), '')
  assert.equal(take(s, 'GET /b'), '2')
})

test('an exchange with a state is answered in that state only', () => {
  const s = script([
    exchange('GET /a', ['gone'], { more: { when: 'removed' } }),
    exchange('GET /a', ['there'], { more: { when: '' } }),
    // oxlint-disable-next-line unicorn/no-thenable -- the name of a state, never a function
    exchange('DELETE /a', [], { more: { then: 'removed' } }),
  ])
  assert.deepEqual([take(s, 'GET /a'), take(s, 'DELETE /a'), take(s, 'GET /a')], ['there', '', 'gone'])
})

test('asked in the wrong state is a problem that names both states', () => {
  const s = script([exchange('GET /a', [], { more: { when: 'removed' } })])
  assert.equal(take(s, 'GET /a'), 'not in the state "removed", but in "": GET /a')
})
