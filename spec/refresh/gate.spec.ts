import assert from 'node:assert/strict'
import { test } from 'node:test'

import { baselineOf, gate, judge, type Baseline, type GateOptions, type Verdict } from '../../lib/refresh/gate.ts'
import type { Prober } from '../../lib/refresh/probe.ts'
import type { RefreshEngine } from '../../lib/refresh/container.ts'
import { manualClock } from '../../lib/testing/model/index.ts'
import { rawContainer, seen, type Overlay } from '../support/container.ts'

const FIT: Baseline = { unhealthy: false, restarting: false }
const SICK: Baseline = { unhealthy: true, restarting: false }
const LOOPING: Baseline = { unhealthy: false, restarting: true }

const runs = (State: Overlay = {}, top: Overlay = {}, Config: Overlay = {}) => seen({ State, top, Config })
const health = (Status: string): Overlay => ({ Health: { Status, FailingStreak: 0, Log: [] } })
const ended = (ExitCode: number, Error = ''): Overlay => ({ Status: 'exited', Running: false, ExitCode, Error })

/** `passed`, `failed: reason`, or `wait`. */
const words = (verdict: Verdict | undefined): string =>
  verdict === undefined ? 'wait' : verdict.passed ? 'passed' : `failed: ${verdict.reason}`

const S = 1000
const ROWS: readonly (readonly [
  title: string,
  see: ReturnType<typeof runs> | undefined,
  elapsed: number,
  baseline: Baseline,
  expected: string,
  options?: GateOptions,
])[] = [
  ['is gone', undefined, 0, FIT, 'failed: it is gone'],
  ['is gone and the old one looped', undefined, 0, LOOPING, 'failed: it is gone'],
  ['ended with 0', runs(ended(0)), 99 * S, FIT, 'failed: it ended with exit code 0'],
  ['ended with 3', runs(ended(3)), 0, FIT, 'failed: it ended with exit code 3'],
  ['could not run', runs(ended(127, 'no such file')), 0, FIT, 'failed: it ended with exit code 127: no such file'],
  ['is dead', runs({ Status: 'dead', Dead: true }), 0, FIT, 'failed: it ended with exit code 0'],
  ['was never started', runs({ Status: 'created' }), 0, FIT, 'failed: it ended with exit code 0'],
  ['restarts', runs({ Status: 'restarting', ExitCode: 1 }), 0, FIT, 'failed: it restarted (last exit code 1)'],
  ['restarted and runs', runs({ ExitCode: 1 }, { RestartCount: 1 }), 0, FIT, 'failed: it restarted (last exit code 1)'],
  [
    'restarted and is healthy',
    runs(health('healthy'), { RestartCount: 1 }),
    0,
    FIT,
    'failed: it restarted (last exit code 0)',
  ],
  ['runs without health check, at first', runs(), 0, FIT, 'wait'],
  ['runs without health check, just before its time', runs(), 10 * S - 1, FIT, 'wait'],
  ['runs without health check, for long enough', runs(), 10 * S, FIT, 'passed'],
  ['runs for the time asked for', runs(), 2 * S, FIT, 'passed', { stableFor: 2 * S }],
  ['runs for less than the time asked for', runs(), 20 * S, FIT, 'wait', { stableFor: 30 * S }],
  ['need not run for any time', runs(), 0, FIT, 'passed', { stableFor: 0 }],
  ['is healthy', runs(health('healthy')), 0, FIT, 'passed'],
  ['is healthy before the time for others is over', runs(health('healthy')), 1, FIT, 'passed', { stableFor: 99 * S }],
  ['is unhealthy', runs(health('unhealthy')), 0, FIT, 'failed: its health check says unhealthy'],
  ['has a check that says none', runs(health('none')), 10 * S, FIT, 'passed'],
  ['has a check that says nothing, as on podman', runs(health('')), 10 * S, FIT, 'passed'],
  ['is starting', runs(health('starting')), 100 * S, FIT, 'wait'],
  [
    'is starting for longer than was asked for',
    runs(health('starting')),
    20 * S,
    FIT,
    'failed: its health check said nothing but "starting" for 20 s',
    { healthTimeout: 20 * S },
  ],
  ['is unhealthy as the old one was, at first', runs(health('unhealthy')), 0, SICK, 'wait'],
  ['is unhealthy as the old one was, for long enough', runs(health('unhealthy')), 10 * S, SICK, 'passed'],
  ['is starting where the old one was unhealthy', runs(health('starting')), 10 * S, SICK, 'passed'],
  ['got well where the old one was unhealthy', runs(health('healthy')), 0, SICK, 'passed'],
  ['ended where the old one was unhealthy', runs(ended(1)), 0, SICK, 'failed: it ended with exit code 1'],
  [
    'has ended for good, and the old one only looped',
    runs({ Status: 'exited', ExitCode: 1 }),
    9999,
    LOOPING,
    'failed: it ended with exit code 1',
  ],
  ['loops as the old one did, at first', runs({ Status: 'restarting' }, { RestartCount: 3 }), 0, LOOPING, 'wait'],
  [
    'loops as the old one did, for long enough',
    runs({ Status: 'restarting' }, { RestartCount: 3 }),
    10 * S,
    LOOPING,
    'passed',
  ],
  [
    'is unhealthy where the old one looped',
    runs(health('unhealthy')),
    0,
    LOOPING,
    'failed: its health check says unhealthy',
  ],
]

for (const [title, container, elapsed, baseline, expected, options] of ROWS) {
  test(`a container that ${title}, after ${elapsed} ms: ${expected}`, () => {
    assert.equal(words(judge(container, elapsed, baseline, options)), expected)
  })
}

const patience = (Healthcheck: Overlay | undefined): number => {
  const container = seen({ State: health('starting'), Config: { Healthcheck: Healthcheck as never } })
  let low = 0
  for (let step = 2 ** 20; step >= 1; step /= 2) if (judge(container, low + step, FIT) === undefined) low += step
  return low + 1
}

test('a check that is starting has the time that its own settings allow', () => {
  assert.equal(
    patience({ Test: ['CMD', 'x'], Interval: 2e9, Timeout: 1e9, Retries: 2, StartPeriod: 4e9 }),
    4000 + 3000 * 3 + 5000,
  )
  assert.equal(patience({ Test: ['CMD', 'x'] }), 60_000 * 4 + 5000)
  assert.equal(patience({ Test: ['CMD', 'x'], Interval: 0, Timeout: 0, Retries: 0, StartPeriod: 0 }), 60_000 * 4 + 5000)
  assert.equal(patience(undefined), 60_000 * 4 + 5000)
  assert.equal(patience({ Test: ['CMD', 'x'], Interval: 3600e9 }), 600_000)
})

test('the yardstick is what the old container did while it ran', () => {
  assert.deepEqual(baselineOf(runs(health('unhealthy'))), SICK)
  assert.deepEqual(baselineOf(runs({ Status: 'restarting' })), LOOPING)
  assert.deepEqual(baselineOf(runs(health('healthy'))), FIT)
})

/** An engine whose container goes through these states, one at each look; the last one stays. */
function through(...states: readonly Overlay[]): { engine: Pick<RefreshEngine, 'containers'>; looks: () => number } {
  let looks = 0
  const inspectRaw = async () => rawContainer({ State: states[Math.min(looks++, states.length - 1)] ?? {} })
  return { engine: { containers: { inspectRaw } as unknown as RefreshEngine['containers'] }, looks: () => looks }
}

test('a container is watched until there is a verdict', async () => {
  const clock = manualClock({ auto: true })
  const { engine, looks } = through(health('starting'), health('starting'), health('healthy'))
  assert.equal(words(await gate({ engine, clock }, 'x', FIT)), 'passed')
  assert.equal(looks(), 3)
  assert.equal(
    words(await gate({ engine: through({}, {}, ended(1)).engine, clock }, 'x', FIT)),
    'failed: it ended with exit code 1',
  )
})

test('watching ends with the reason of the signal, and a passed time is told by the clock that does not jump', async () => {
  const clock = manualClock({ auto: true })
  const stop = new AbortController()
  stop.abort(new Error('enough'))
  await assert.rejects(gate({ engine: through({}).engine, clock }, 'x', FIT, {}, stop.signal), /enough/)
  const jumping = { ...clock, now: () => Number.NaN }
  assert.equal(words(await gate({ engine: through({}).engine, clock: jumping }, 'x', FIT)), 'passed')
})

test('a probe that the container asks for is asked last, again until it is answered, and not for ever', async () => {
  const clock = manualClock({ auto: true })
  const probed = (text: string, answers: readonly boolean[]) => {
    let asked = 0
    const prober: Prober = {
      tcp: async () => answers[asked++] ?? false,
      http: async () => ((answers[asked++] ?? false) ? 204 : 500),
    }
    const inspectRaw = async () =>
      rawContainer({ State: health('healthy'), Config: { Labels: { 'dockline.probe': text } } })
    const engine = { containers: { inspectRaw } as unknown as RefreshEngine['containers'] }
    return gate({ engine, clock, prober }, 'x', FIT).then((verdict) => `${words(verdict)} after ${asked}`)
  }
  assert.equal(await probed('tcp:80', [true]), 'passed after 1')
  assert.equal(await probed('http:80/ready', [false, false, true]), 'passed after 3')
  assert.match(await probed('tcp:80', []), /^failed: its tcp probe of port 80 was not answered after \d\d+$/)
  assert.match(await probed('udp:80', []), /^failed: its label dockline\.probe is not .* after 0$/)
})

test('a container that was stopped is no yardstick: docker calls it unhealthy because nobody asks it any more', () => {
  assert.deepEqual(baselineOf(runs({ ...ended(0), ...health('unhealthy') })), FIT)
})
