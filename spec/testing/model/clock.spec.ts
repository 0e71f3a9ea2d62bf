import assert from 'node:assert/strict'
import { test } from 'node:test'

import { manualClock } from '../../../lib/testing/model/index.ts'

test('a manual clock wakes sleepers in order, each at its own moment', async () => {
  const clock = manualClock({ start: 1000 })
  const woken: [string, number][] = []
  const sleep = async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms)
    woken.push([name, clock.now()])
  }
  const all = [sleep('late', 30), sleep('early', 10)]
  await clock.advance(5)
  assert.deepEqual(woken, [])
  await clock.advance(100)
  await Promise.all(all)
  assert.deepEqual(woken, [
    ['early', 1010],
    ['late', 1030],
  ])
  assert.equal(clock.now(), 1105)
  assert.equal(clock.monotonic(), 105)
})

test('a sleeper whose signal fires leaves with its reason', async () => {
  const clock = manualClock()
  const reason = new Error('enough')
  const slept = clock.sleep(10, AbortSignal.abort(reason))
  await assert.rejects(slept, reason)
  const controller = new AbortController()
  const later = clock.sleep(10, controller.signal)
  controller.abort(reason)
  await assert.rejects(later, reason)
  assert.equal(clock.sleeping, 0)
})

test('a clock that goes by itself lets an hour of sleep pass at once', async () => {
  const clock = manualClock({ auto: true })
  await clock.sleep(3_600_000)
  assert.equal(clock.monotonic(), 3_600_000)
})
