import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { parseSchedule, startSchedule } from '../../lib/testing/chaos-schedule.ts'

const verbs = (schedule: string, method: string, path: string, times: number): string[] => {
  const next = startSchedule(parseSchedule(schedule))
  return Array.from({ length: times }, () => next(method, path).verb)
}

for (const [schedule, message] of [
  ['GET /a: status-before(99)', /status-before\(99\).*from 200 to 599/],
  ['GET /a: 1*status-after(600)', /from 200 to 599/],
  ['GET /a: status-before(101)', /from 200 to 599/],
  ['GET /a: drip(0)', /1 byte per second or more/],
  ['GET /a: delay(2147483648)', /at most 2147483647 ms/],
  ['GET /a: 0*hang->off', /count must be 1 or more/],
  ['GET /a: hang->1*off', /never reached/],
  ['GET /a: hang; GET /a: off', /first one decides/],
  ['GET containers/a: hang', /begins with "\/"/],
  ['GET /v1.41/a: hang', /without their version prefix/],
  ['FETCH /a: hang', /no method FETCH/],
] as const) {
  test(`a schedule that cannot be is refused: ${schedule}`, () => {
    assert.throws(() => parseSchedule(schedule), { code: 'INPUT_INVALID', message })
  })
}

test('what looks alike and can be is taken', () => {
  assert.equal(parseSchedule('GET /a: hang; POST /a: off; * /volumes/.*: 2*delay(0)->drip(1)').length, 3)
})

test('terms follow one another by their counts, the last one holds for ever', () => {
  const schedule = 'POST /containers/.*/stop: 2*off->1*reset-after->hang'
  assert.deepEqual(verbs(schedule, 'POST', '/containers/a/stop', 5), ['off', 'off', 'reset-after', 'hang', 'hang'])
})

test('calls go through untouched when the terms are used up', () => {
  assert.deepEqual(verbs('GET /info: 1*dup', 'GET', '/info', 3), ['dup', 'off', 'off'])
})

test('a rule is about its method and the whole path only', () => {
  assert.deepEqual(verbs('POST /info: dup', 'GET', '/info', 1), ['off'])
  assert.deepEqual(verbs('GET /inf: dup', 'GET', '/info', 1), ['off'])
  assert.deepEqual(verbs('GET /a|/b: dup', 'GET', '/bc', 1), ['off'])
  assert.deepEqual(verbs('* /.*: dup', 'DELETE', '/containers/a', 1), ['dup'])
})

test('the first rule that matches decides, and each rule counts its own calls', () => {
  const next = startSchedule(parseSchedule('GET /a: 1*dup\nGET /.*: 1*hang; POST /b: delay(5)'))
  assert.deepEqual(
    [next('GET', '/a'), next('GET', '/a'), next('GET', '/b'), next('POST', '/b')],
    [{ verb: 'dup' }, { verb: 'off' }, { verb: 'hang' }, { verb: 'delay', ms: 5 }],
  )
})

test('verbs take their arguments', () => {
  const [rule] = parseSchedule('* /x: 1*status-after(503)->1*truncate(7)->1*drip(9)->run-before(kill-client)')
  assert.deepEqual(
    rule?.terms.map((term) => term.action),
    [
      { verb: 'status-after', status: 503 },
      { verb: 'truncate', bytes: 7 },
      { verb: 'drip', bytesPerSecond: 9 },
      { verb: 'run-before', name: 'kill-client' },
    ],
  )
})

for (const bad of [
  'POST /a',
  'post /a: off',
  'GET /(: off',
  'GET /a: nothing',
  'GET /a: off->',
  'GET /a: x*off',
  'GET /a: delay',
  'GET /a: delay(soon)',
  'GET /a: hang(3)',
  'GET /a: run-after()',
]) {
  test(`"${bad}" is refused with the rule it breaks`, () => {
    assert.throws(
      () => parseSchedule(bad),
      (error) => hasCode(error, 'INPUT_INVALID'),
    )
  })
}
