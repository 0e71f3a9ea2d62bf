// The fault loop, one half of it: each half has a process of its own.
import { after, test } from 'node:test'

import { SCENARIOS } from './scenarios.ts'
import { sweep } from './sweep.ts'
import { emptyTally, leaveTally } from './tally.ts'

const tally = emptyTally()

for (const scenario of SCENARIOS.filter((_, i) => i % 2 === 0)) {
  test(`${scenario.name} on ${scenario.profile}: no fault at any call loses a container`, () => sweep(scenario, tally))
}

after(() => leaveTally('loop-1', tally))
