import assert from 'node:assert/strict'
import { test } from 'node:test'

import { collect, keep, platform, seconds, wholeNumber } from '../../lib/cli/flags.ts'

/** The value, or `refused`. */
const read = (parse: (text: string) => unknown, text: string): unknown => {
  try {
    return parse(text)
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'commander.invalidArgument')
    return 'refused'
  }
}

test('a whole number is written in digits and is not below its least', () => {
  const values = ['1', '12', '007', '0', '-1', '1.5', '1e3', '', ' 1', '0x10', 'ten', '١']
  assert.deepEqual(
    values.map((text) => read(wholeNumber(1), text)),
    [1, 12, 7, ...Array.from({ length: 9 }, () => 'refused')],
  )
  assert.equal(read(wholeNumber(0), '0'), 0)
})

test('seconds may have a fraction and no sign', () => {
  const values = ['0', '30', '2.5', '0.25', '-1', '.5', '5.', '1e3', 'Infinity', 'NaN', '', '1s']
  assert.deepEqual(
    values.map((text) => read(seconds, text)),
    [0, 30, 2.5, 0.25, ...Array.from({ length: 8 }, () => 'refused')],
  )
})

test('a platform has two parts or three', () => {
  for (const text of ['linux/amd64', 'linux/arm64/v8', 'windows/amd64']) assert.equal(read(platform, text), text)
  for (const text of ['linux', 'linux/', '/amd64', 'Linux/amd64', 'linux/arm64/v8/x', 'linux/amd64\n', ''])
    assert.equal(read(platform, text), 'refused', JSON.stringify(text))
})

test('how many images a cleanup keeps is written keep=N', () => {
  assert.deepEqual(read(keep, 'keep=0'), { keep: 0 })
  assert.deepEqual(read(keep, 'keep=12'), { keep: 12 })
  for (const text of ['keep', 'keep=', 'keep=-1', '1', 'keep=1 ']) assert.equal(read(keep, text), 'refused', text)
})

test('a repeatable option keeps its values in order', () => {
  assert.deepEqual(collect('b', collect('a', undefined)), ['a', 'b'])
})
