import assert from 'node:assert/strict'
import { test } from 'node:test'

import { startDeadline } from '../../lib/base/deadline.ts'

test('a deadline fires by itself, although nothing else keeps the process', async () => {
  using deadline = startDeadline(5)
  await new Promise((resolve) => {
    deadline.signal.addEventListener('abort', resolve, { once: true })
  })
  assert.equal((deadline.signal.reason as Error).name, 'TimeoutError')
})

test('a deadline fires with the outer signal and its reason', () => {
  const outer = new AbortController()
  using deadline = startDeadline(60_000, outer.signal)
  outer.abort(new Error('enough'))
  assert.equal((deadline.signal.reason as Error).message, 'enough')
})
