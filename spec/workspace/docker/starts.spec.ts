import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { test } from 'node:test'

import { Starts } from '../../../lib/workspace/docker/starts.ts'

test('a cancel waits until the start has taken down what it had made', async () => {
  const starts = new Starts()
  let tidied = false
  const running = starts.run('a', undefined, async (signal) => {
    while (!signal.aborted) await setImmediate()
    await setImmediate()
    tidied = true
    throw signal.reason
  })
  running.catch(() => {})
  await starts.cancel('a')
  assert.equal(tidied, true)
  await assert.rejects(running, { code: 'ABORTED', message: /stop or removal/ })
})

test('starts of other workspaces go on, and one that ended may begin anew', async () => {
  const starts = new Starts()
  const other = starts.run('b', undefined, async (signal) => {
    await setImmediate()
    return signal.aborted
  })
  await starts.cancel('a')
  assert.equal(await other, false)
  assert.equal(await starts.run('b', undefined, async () => 'again'), 'again')
})

test("the caller's own signal ends a start too", async () => {
  const starts = new Starts()
  const outer = new AbortController()
  const running = starts.run('a', outer.signal, async (signal) => {
    outer.abort()
    return signal.aborted
  })
  assert.equal(await running, true)
})
