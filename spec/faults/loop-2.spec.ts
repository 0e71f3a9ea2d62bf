// The fault loop, the other half of it, and faults at random: each half has a process of its own.
import { test } from 'node:test'

import { loopOver } from './loop.ts'
import { SCENARIOS } from './scenarios.ts'
import { sweepAtRandom } from './sweep.ts'
import { seed } from './tally.ts'

const tally = loopOver(1)

test(`random faults, several in a run, lose no container (FAULT_SEED=${seed})`, () =>
  sweepAtRandom(SCENARIOS, seed, Number(process.env['FAULT_RUNS'] ?? 200), tally))
