import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'

import { readProcesses, systemProcesses } from '../../lib/base/processes.ts'

test('a process knows itself, and is dead under another start time, boot or an ended pid', async () => {
  const me = await systemProcesses.self()
  assert.equal(await systemProcesses.state(me), 'alive')
  assert.equal(await systemProcesses.state(me.replace(/\d+$/, '1')), 'dead', 'its pid was given anew')
  assert.equal(await systemProcesses.state(`another-boot${me.slice(me.indexOf('/'))}`), 'unknown')
  const child = spawn('true')
  await once(child, 'exit')
  assert.equal(await systemProcesses.state(me.replace(/\/\d+\/\d+$/, `/${child.pid}/7`)), 'dead')
})

test('a process that is there but hidden from us is unknown, not dead', async () => {
  const hidden = readProcesses({ readText: async () => undefined })
  assert.equal(await hidden.state(await systemProcesses.self()), 'unknown')
})
