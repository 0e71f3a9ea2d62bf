import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readWindows } from '../../../lib/refresh/watch/windows.ts'

const HOUR = 3_600_000
const at = (text: string): number => Date.parse(text)

test('a window is open from its beginning for as long as it says, and tells when it opens next', async () => {
  const windows = await readWindows(['0 2 * * */4h'], 'UTC')
  assert.equal(windows.isOpen(at('2026-01-01T01:59:59Z')), false)
  assert.equal(windows.isOpen(at('2026-01-01T02:00:00Z')), true)
  assert.equal(windows.isOpen(at('2026-01-01T05:59:59Z')), true)
  assert.equal(windows.isOpen(at('2026-01-01T06:00:01Z')), false)
  assert.equal(windows.untilOpen(at('2026-01-01T03:00:00Z')), 0)
  assert.equal(windows.untilOpen(at('2026-01-01T23:00:00Z')), 3 * HOUR)
})

test('of several windows any may be open, and the next one counts', async () => {
  const windows = await readWindows(['0 2 * * 6,0/1h30m', '*/30 12 * * 1-5/10m'], 'UTC')
  assert.equal(windows.isOpen(at('2026-01-03T03:29:00Z')), true, 'Saturday night')
  assert.equal(windows.isOpen(at('2026-01-02T02:30:00Z')), false, 'Friday night')
  assert.equal(windows.isOpen(at('2026-01-02T12:35:00Z')), true, 'Friday noon')
  assert.equal(windows.untilOpen(at('2026-01-02T12:00:00Z') - 1000), 1000)
})

test('the clock of the time zone counts, daylight saving included', async () => {
  const windows = await readWindows(['30 3 * * */1h'], 'Europe/Berlin')
  assert.equal(windows.isOpen(at('2026-01-15T02:45:00Z')), true, 'winter: an hour ahead of UTC')
  assert.equal(windows.isOpen(at('2026-07-15T01:45:00Z')), true, 'summer: two hours')
  assert.equal(windows.isOpen(at('2026-07-15T02:45:00Z')), false)
})

test('a window that never comes again is never open', async () => {
  const windows = await readWindows(['0 0 31 2 */1h'], 'UTC')
  assert.equal(windows.isOpen(at('2026-02-28T00:00:00Z')), false)
  assert.equal(windows.untilOpen(at('2026-02-28T00:00:00Z')), Infinity)
})

for (const text of [
  '',
  '4h',
  '0 2 * * *',
  '*/5 * * * *',
  '0 2 * * */',
  '0 2 * * */0h',
  '0 2 * * */4',
  '/4h',
  'x y z/4h',
]) {
  test(`${JSON.stringify(text)} is no window`, async () => {
    await assert.rejects(readWindows([text]), { code: 'INPUT_INVALID' })
  })
}
