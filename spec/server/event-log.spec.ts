import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { RefreshEvent } from '../../lib/refresh/index.ts'
import { EventLog, type Followed } from '../../lib/server/event-log.ts'

const phase = (name: string): RefreshEvent => ({ type: 'phase', name, phase: 'look' })
const pull = (current: number): RefreshEvent => ({ type: 'pull', target: 'x', ref: 'x', current, total: 9, status: '' })

async function read(log: EventLog, after: number): Promise<Followed[]> {
  const seen: Followed[] = []
  for await (const one of log.follow(after, new AbortController().signal)) seen.push(one)
  return seen
}

test('a reader gets what was and what comes, once and in order, whenever it begins', async () => {
  const log = new EventLog({ monotonic: () => 0 })
  log.add(phase('1'))
  const early = read(log, 0)
  log.add(phase('2'))
  await Promise.resolve()
  log.add(phase('3'))
  const late = read(log, 2)
  log.close()
  assert.deepEqual(
    (await early).map(({ id }) => id),
    [1, 2, 3],
  )
  assert.deepEqual(await late, [{ id: 3, event: phase('3') }])
})

test('a reader that was away too long is told how many it missed', async () => {
  const log = new EventLog({ keep: 2, monotonic: () => 0 })
  for (let i = 1; i <= 5; i++) log.add(phase(String(i)))
  log.close()
  assert.deepEqual(await read(log, 1), [
    { id: 3, missed: 2 },
    { id: 4, event: phase('4') },
    { id: 5, event: phase('5') },
  ])
})

test('of the progress of a pull only what comes after a pause is kept', async () => {
  let now = 0
  const log = new EventLog({ monotonic: () => now })
  for (let i = 0; i < 100; i++) {
    log.add(pull(i))
    now += 10
  }
  assert.equal(log.count, 4)
})

test('a number from another log begins anew, and leaving ends the wait', async () => {
  const log = new EventLog({ monotonic: () => 0 })
  log.add(phase('1'))
  const leaving = new AbortController()
  const events = log.follow(77, leaving.signal)
  assert.equal((await events.next()).value?.id, 1)
  const waiting = events.next()
  leaving.abort()
  assert.equal((await waiting).done, true)
})
