import assert from 'node:assert/strict'
import { test } from 'node:test'

import { RecentEvents, eventTime } from '../../lib/engine/recent-events.ts'
import type { EngineEvent } from '../../lib/engine/schema/events.ts'

function event(timeNano: bigint, Action = 'start', ID = 'c'): EngineEvent {
  return { Type: 'container', Action, Actor: { ID, Attributes: {} }, time: Number(timeNano / 10n ** 9n), timeNano }
}

test('an event is known again by time, object and action', () => {
  const recent = new RecentEvents()
  assert.equal(recent.add(event(5n)), true)
  assert.equal(recent.add(event(5n)), false)
  assert.equal(recent.add(event(5n, 'die')), true)
  assert.equal(recent.add(event(5n, 'start', 'd')), true)
  assert.equal(recent.has(event(5n, 'die')), true)
  assert.equal(recent.has(event(6n)), false)
})

test('the last one is the newest by time, whatever came last', () => {
  const recent = new RecentEvents()
  recent.add(event(7n))
  recent.add(event(6n))
  assert.equal(recent.last?.timeNano, 7n)
})

test('as many are kept as a replay may bring, and no more', () => {
  const recent = new RecentEvents()
  for (let i = 0n; i < 2000n; i++) recent.add(event(i))
  assert.equal(recent.has(event(1999n)), true)
  assert.equal(recent.has(event(1999n - 1000n)), true)
  assert.equal(recent.has(event(0n)), false)
})

test('a time has seconds and nine decimals, without losing one', () => {
  assert.equal(eventTime({ timeNano: 1_795_444_888_000_000_001n }), '1795444888.000000001')
  assert.equal(eventTime({ timeNano: 1_795_444_888_000_000_001n }, 2n), '1795444887.999999999')
  assert.equal(eventTime({ timeNano: 5 }), '0.000000005')
})
