import assert from 'node:assert/strict'
import { test } from 'node:test'

import { isNumeric, signalNumber } from '../../../lib/refresh/successor/signal.ts'

test('a signal has one number in every spelling', () => {
  for (const spelling of ['SIGINT', 'INT', 'int', 'sigint', '2']) assert.equal(signalNumber(spelling), 2)
  assert.deepEqual(
    ['', 'SIGTERM', '15', 'RTMIN', 'SIGRTMIN+3', 'SIGRTMAX', 'RTMAX-2'].map(signalNumber),
    [15, 15, 15, 34, 37, 64, 62],
  )
})

test('what is no signal has no number', () => {
  for (const text of ['SIGNONE', '-1', '1.5', 'TERM ', '__proto__']) assert.ok(Number.isNaN(signalNumber(text)), text)
})

test('the numbers are those of Linux', () => {
  const names = ['HUP', 'QUIT', 'KILL', 'USR1', 'USR2', 'TERM', 'CHLD', 'STOP', 'WINCH', 'IO', 'PWR', 'SYS']
  assert.deepEqual(names.map(signalNumber), [1, 3, 9, 10, 12, 15, 17, 19, 28, 29, 30, 31])
})

test('only a text of digits is a signal by its number', () => {
  assert.deepEqual(['15', 'SIGTERM', '', '1 '].map(isNumeric), [true, false, false, false])
})
