import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Clock } from '../../lib/base/ports.ts'
import { Backoff } from '../../lib/engine/backoff.ts'

function setUp(fraction = 0) {
  const waits: number[] = []
  let time = 0
  const clock: Clock = { now: () => 0, monotonic: () => time, sleep: (ms) => Promise.resolve(void waits.push(ms)) }
  return { waits, backoff: new Backoff(clock, { fraction: () => fraction }), pass: (ms: number) => (time += ms) }
}

test('the delay doubles up to half a minute, less a random half', async () => {
  for (const [fraction, first, last] of [
    [0, 200, 30_000],
    [1, 100, 15_000],
  ] as const) {
    const { waits, backoff } = setUp(fraction)
    for (let i = 0; i < 12; i++) await backoff.wait()
    assert.equal(waits[0], first)
    assert.equal(waits[1], first * 2)
    assert.equal(waits.at(-1), last)
  }
})

test('it starts over after a connection that held, not after one that was cut at once', async () => {
  const { waits, backoff, pass } = setUp()
  await backoff.wait()
  await backoff.wait()
  backoff.succeeded()
  pass(9999)
  await backoff.wait()
  backoff.succeeded()
  pass(10_000)
  await backoff.wait()
  assert.deepEqual(waits, [200, 400, 800, 200])
})
