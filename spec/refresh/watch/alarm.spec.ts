import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createAlarm } from '../../../lib/refresh/watch/alarm.ts'
import { manualClock } from '../../../lib/testing/model/index.ts'

/** Milliseconds that a wait takes when things happen at the given moments. */
async function waited(ms: number, rings: readonly number[], stopAt?: number): Promise<number> {
  const clock = manualClock({ auto: true })
  const stop = new AbortController()
  const alarm = createAlarm(clock, stop.signal)
  for (const at of rings) {
    if (at === 0) alarm.ring()
    else void clock.sleep(at).then(() => alarm.ring())
  }
  if (stopAt !== undefined) void clock.sleep(stopAt).then(() => stop.abort(new Error('stop')))
  await alarm.wait(ms)
  return clock.monotonic()
}

test('nothing happens: it sleeps for as long as it was told', async () => {
  assert.equal(await waited(300_000, []), 300_000)
})

test('after a ring it waits for more, and not less than half a minute since the last look', async () => {
  assert.equal(await waited(300_000, [1000]), 30_000)
  assert.equal(await waited(300_000, [1000, 2000, 29_000]), 30_000)
  assert.equal(await waited(300_000, [100_000]), 103_000)
})

test('a ring from before the wait counts, and never makes it longer', async () => {
  assert.equal(await waited(300_000, [0]), 30_000)
  assert.equal(await waited(5000, [0]), 5000)
  assert.equal(await waited(300_000, [299_000]), 300_000)
})

test('it ends at once when the signal fires, before a ring and after', async () => {
  assert.equal(await waited(300_000, [], 7000), 7000)
  assert.equal(await waited(300_000, [1000], 7000), 7000)
})

test('a ring is used up by one wait', async () => {
  const clock = manualClock({ auto: true })
  const alarm = createAlarm(clock, undefined)
  alarm.ring()
  await alarm.wait(60_000)
  await alarm.wait(60_000)
  assert.equal(clock.monotonic(), 90_000)
})
