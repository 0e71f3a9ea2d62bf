import assert from 'node:assert/strict'
import { test } from 'node:test'

import { within } from '../../lib/server/within.ts'

test('what comes in time is given, and nothing is waited for any more', async () => {
  let slept: AbortSignal | undefined
  const clock = {
    sleep: (_: number, signal?: AbortSignal): Promise<void> => {
      slept = signal
      return new Promise(() => {})
    },
  }
  assert.equal(await within(Promise.resolve(7), 1000, clock), 7)
  assert.equal(slept?.aborted, true)
  await assert.rejects(within(Promise.reject(new Error('no')), 1000, clock), /no/)
})

test('what is late is not waited for', async () => {
  const asked: number[] = []
  const sleep = async (ms: number): Promise<void> => void asked.push(ms)
  assert.equal(await within(new Promise(() => {}), 1000, { sleep }), undefined)
  assert.deepEqual(asked, [1000])
})
