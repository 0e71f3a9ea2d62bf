// One half of the fault loop.
import { after, test } from 'node:test'

import { SCENARIOS } from './scenarios.ts'
import { sweep } from './sweep.ts'
import { emptyTally, leaveTally, type Tally } from './tally.ts'

/** Every second scenario, from the first or the second on. Gives where this process counts. */
export function loopOver(half: 0 | 1): Tally {
  const tally = emptyTally()
  for (const scenario of SCENARIOS.filter((_, i) => i % 2 === half)) {
    test(`${scenario.name} on ${scenario.profile}: no fault at any call loses a container`, () =>
      sweep(scenario, tally))
  }
  after(() => leaveTally(`loop-${half + 1}`, tally))
  return tally
}
