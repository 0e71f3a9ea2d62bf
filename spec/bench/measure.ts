import assert from 'node:assert/strict'

import { contender, type Contender, type Name } from './contenders.ts'
import { LOGS, PULL_LINES, type Chunking, type LogKind } from './fixture.ts'

/** Something that every contender does, many times. */
export interface Scenario {
  readonly name: string
  readonly rounds: number
  /** Streams by the processor's time, which other programs on the machine disturb less; calls by the clock. */
  readonly by: 'clock' | 'cpu'
  readonly run: (client: Contender) => Promise<void>
}

const IDS = Array.from({ length: 100 }, (_, i) => `container${i}`)

async function times(count: number, run: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i++) await run()
}

function pull(chunking: Chunking): Scenario['run'] {
  return async (client) => assert.equal(await client.pull(chunking), PULL_LINES, client.name)
}

function logs(kind: LogKind, chunking: Chunking): Scenario['run'] {
  const { payload, frames } = LOGS[kind]
  return async (client) => {
    const size = await client.logs(kind, chunking)
    assert.ok(size === payload * frames || size === (payload + 8) * frames, `${client.name} lost bytes: ${size}`)
  }
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'ping, alone', rounds: 15, by: 'clock', run: (client) => times(200, () => client.ping()) },
  {
    name: 'ping, 16 at once',
    rounds: 15,
    by: 'clock',
    run: (client) => times(25, () => Promise.all(Array.from({ length: 16 }, () => client.ping()))),
  },
  {
    name: 'inspect of 100, 16 at once',
    rounds: 15,
    by: 'clock',
    run: async (client) => {
      for (let at = 0; at < 100; at += 16) await Promise.all(IDS.slice(at, at + 16).map((id) => client.inspect(id)))
    },
  },
  { name: 'list of 100', rounds: 15, by: 'clock', run: (client) => times(20, () => client.list()) },
  { name: 'pull, 200,000 lines, a chunk each', rounds: 7, by: 'cpu', run: pull('each') },
  { name: 'pull, 200,000 lines, 64 KB chunks', rounds: 7, by: 'cpu', run: pull('64k') },
  { name: 'logs, 16 KB frames, a chunk each', rounds: 7, by: 'cpu', run: logs('large', 'each') },
  { name: 'logs, 16 KB frames, 64 KB chunks', rounds: 7, by: 'cpu', run: logs('large', '64k') },
  { name: 'logs, 128 B frames, a chunk each', rounds: 7, by: 'cpu', run: logs('small', 'each') },
  { name: 'logs, 128 B frames, 64 KB chunks', rounds: 7, by: 'cpu', run: logs('small', '64k') },
]

/** Medians of milliseconds by contender, in this process alone; rounds are interleaved, each contender first in turn, after one to warm up. */
export async function measure(
  scenario: Scenario,
  names: readonly Name[],
  socketPath: string,
): Promise<Map<Name, number>> {
  const clients = await Promise.all(names.map((name) => contender(name, socketPath)))
  const taken = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (let round = -1; round < scenario.rounds; round++) {
    for (let i = 0; i < clients.length; i++) {
      const at = (i + Math.max(round, 0)) % clients.length
      globalThis.gc?.()
      const now = scenario.by === 'cpu' ? cpuTime : clockTime
      const start = now()
      await scenario.run(clients[at] as Contender)
      if (round >= 0) taken.get(names[at] as Name)?.push(now() - start)
    }
  }
  await Promise.all(clients.map((client) => client.close()))
  return new Map([...taken].map(([name, values]) => [name, median(values)]))
}

function clockTime(): number {
  return performance.now()
}

function cpuTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}
