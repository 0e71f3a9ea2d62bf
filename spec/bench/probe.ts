// A process of its own for what can be measured only there: `stall` and `flat` print MB of memory.
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

import { contender, type Name } from './contenders.ts'
import { LOGS } from './fixture.ts'

const [what, name, socketPath] = process.argv.slice(2) as [string, Name, string]
const MB = 1 << 20

function resident(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss() / MB
}

// The most that is kept before a reader that takes one piece and then nothing.
async function stall(): Promise<number> {
  const client = await contender(name, socketPath)
  await client.ping()
  const before = resident()
  await client.stall()
  let peak = 0
  for (let i = 0; i < 30; i++) {
    await delay(50)
    peak = Math.max(peak, process.memoryUsage.rss() / MB - before)
  }
  return peak
}

// Growth over a log of a gigabyte, after the first sixteenth of it.
async function flat(): Promise<number> {
  const client = await contender(name, socketPath)
  await client.logs('large', 'each')
  const before = resident()
  let peak = before
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss() / MB)), 5)
  const size = await client.logs('large', 'each', 16)
  clearInterval(timer)
  assert.ok(size >= 16 * LOGS.large.payload * LOGS.large.frames)
  return peak - before
}

process.stdout.write(String(await (what === 'stall' ? stall() : flat())))
process.exit()
