import assert from 'node:assert/strict'
import { setImmediate as breathe } from 'node:timers/promises'
import { test } from 'node:test'

import type { RefreshReport } from '../../lib/refresh/report.ts'
import { runtimeTarget } from '../../lib/refresh/target.ts'
import { autoRefresh, type AutoRefreshPorts } from '../../lib/cli/auto-refresh.ts'
import type { Line } from '../../lib/cli/session.ts'
import { RUNTIME_IMAGE, imageIdOf, refreshWorld } from '../support/refresh-world.ts'

const OPTIONS = { targets: [runtimeTarget('hermes', {})], selection: { namePrefix: 'ws-' }, maxFailures: 2 }

test('a watch that gives up begins anew, every failure is told, and so is that it is well again', async () => {
  const world = refreshWorld()
  world.registry.set(RUNTIME_IMAGE('hermes'), imageIdOf('hermes-old'))
  world.images.set(RUNTIME_IMAGE('hermes'), imageIdOf('hermes-old'))
  world.away = true
  const stopping = new AbortController()
  const looks: boolean[] = []
  const paused: number[] = []
  const sleep = async (ms: number): Promise<void> => {
    paused.push(ms)
    await breathe()
  }
  const ports = {
    line: {
      ports: { ...world.ports, clock: { ...world.ports.clock, sleep } },
      docker: { system: { watch: () => new ReadableStream({ start: () => {} }) } },
    } as unknown as Line,
    registry: { ...world.ports.remote, created: async () => undefined } as unknown as AutoRefreshPorts['registry'],
    service: {
      refresh: () => Promise.reject<RefreshReport>(new Error('nothing is due')),
      asked: (_: string, answer: Promise<never>) => answer,
      looked: (isWell: boolean) => {
        looks.push(isWell)
        if (looks.length === 6) world.away = false
        if (isWell) stopping.abort()
      },
    },
    log: { info: () => {}, warn: () => {} },
  } satisfies AutoRefreshPorts
  await autoRefresh(ports, { ...OPTIONS, signal: stopping.signal })
  // Two looks and a giving up, twice; then the engine is back.
  assert.deepEqual(looks, [false, false, false, false, false, false, true])
  assert.ok(paused.includes(30_000), 'between the watches')
})
