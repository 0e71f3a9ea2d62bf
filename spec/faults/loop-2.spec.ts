// The fault loop, the other half of it, and faults at random: each half has a process of its own.
import { after, test } from 'node:test'

import { SCENARIOS } from './scenarios.ts'
import { sweep, sweepAtRandom } from './sweep.ts'
import { emptyTally, leaveTally, seed } from './tally.ts'

const tally = emptyTally()

for (const scenario of SCENARIOS.filter((_, i) => i % 2 === 1)) {
  test(`${scenario.name} on ${scenario.profile}: no fault at any call loses a container`, () => sweep(scenario, tally))
}

test(`random faults, several in a run, lose no container (FAULT_SEED=${seed})`, () =>
  sweepAtRandom(SCENARIOS, seed, Number(process.env['FAULT_RUNS'] ?? 200), tally))

after(() => leaveTally('loop-2', tally))
