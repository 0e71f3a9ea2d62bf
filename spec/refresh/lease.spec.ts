import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { HookRunner } from '../../lib/refresh/hooks.ts'
import { recover } from '../../lib/refresh/recover.ts'
import { refresh, type RefreshOptions } from '../../lib/refresh/refresh.ts'
import { APP, everything, setStage, version, type Stage } from '../support/stage.ts'

const HOOK = { 'dockline.hook.pre-stop': 'drain', 'dockline.hook.timeout': '900' }

/** The other machine sees the containers, and nothing of the process that replaces them. */
const fromElsewhere = (stage: Stage) =>
  recover({ ...stage.ports, processes: { self: async () => 'elsewhere', state: async () => 'unknown' } })

interface Case {
  readonly what: string
  readonly config?: object
  readonly options: (stage: Stage) => Partial<RefreshOptions>
  /** Seconds until the other machine looks. */
  readonly after: number
  readonly stopsAfter?: number
  readonly health?: number
}

const slow = ({ clock }: Stage, seconds: number): HookRunner => ({
  run: async () => {
    await clock.sleep(seconds * 1000)
    return { exitCode: 0, stdout: '', stderr: '' }
  },
})

const CASES: readonly Case[] = [
  {
    what: 'a pre-stop hook of 900 s',
    config: { Labels: HOOK },
    options: (stage) => ({ hooks: slow(stage, 890), gate: { stableFor: 1000, healthTimeout: 1000 } }),
    after: 880,
  },
  {
    what: 'a container that is waited for without an end',
    config: { StopTimeout: -1 },
    options: () => ({ gate: { stableFor: 1000, healthTimeout: 1000 } }),
    stopsAfter: 1500,
    after: 1490,
  },
  {
    what: 'a stop that takes longer than its container tells',
    config: { StopTimeout: 400 },
    options: () => ({ gate: { stableFor: 1000, healthTimeout: 1000 } }),
    stopsAfter: 399,
    after: 390,
  },
]

for (const { what, config, options, after, stopsAfter = 0 } of CASES) {
  test(`another machine leaves a replacement alone during ${what}`, async () => {
    const behaviour = { stopsAfter: stopsAfter * 1000 }
    const stage = await setStage({
      images: { [APP]: version(1, { behaviour }) },
      containers: [{ name: 'ws-1', Image: APP, ...config }],
    })
    stage.model.publish(APP, version(2))
    const refreshed = refresh(stage.ports, { ...everything, ...options(stage) })
    await stage.clock.sleep(after * 1000)
    const recovered = await fromElsewhere(stage)
    const report = await refreshed
    assert.deepEqual(
      recovered.map(({ outcome }) => outcome),
      ['busy'],
    )
    assert.equal(report.containers[0]?.outcome, 'replaced', report.containers[0]?.reason)
  })
}
