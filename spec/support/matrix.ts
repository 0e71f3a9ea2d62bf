import assert from 'node:assert/strict'
import { test } from 'node:test'

/**
 * A row of the hostile matrix: a test whose title has the row's number, and a line "number | input | expected | seen" in
 * the report, so that one run prints the whole table.
 */
export function row(number: string, input: string, expected: string, see: () => Promise<string> | string): void {
  test(`${number} ${input}: ${expected}`, async (t) => {
    const seen = await see()
    t.diagnostic(`${number} | ${input} | ${expected} | ${seen}`)
    assert.equal(seen, expected)
  })
}
