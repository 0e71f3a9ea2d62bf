// The fault loop: every scenario is run once for every Engine call of it and every kind of fault, transient and
// persistent, then with faults in the recovery, then with random ones. Prints what was covered.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { SCENARIOS, type Scenario } from './scenario.ts'
import { KINDS, trial, type Kind, type Plan } from './trial.ts'

const seed = Number(process.env['FAULT_SEED'] ?? Date.now() % 1_000_000)
const randomRuns = Number(process.env['FAULT_RUNS'] ?? 200)
// A read has no effect that could be half done.
const READING: readonly Kind[] = ['kill before', 'lose reply', '500 before']
const total = { runs: 0, points: 0, checks: 0 }

async function run(scenario: Scenario, plan: Plan | undefined, what: string): Promise<readonly string[]> {
  try {
    const { calls, checks } = await trial(scenario, plan)
    total.runs++
    total.checks += checks
    return calls
  } catch (error) {
    throw new Error(`${scenario.name} on ${scenario.profile}, ${what}: ${(error as Error).message}`, { cause: error })
  }
}

for (const scenario of SCENARIOS) {
  test(`${scenario.name} on ${scenario.profile}: no fault at any call loses a container`, async () => {
    const calls = await run(scenario, undefined, 'without a fault')
    assert.ok(calls.length > 5)
    total.points += calls.length
    for (const [i, method] of calls.entries()) {
      const k = i + 1
      for (const kind of method === 'GET' ? READING : KINDS) {
        await run(scenario, { kind, hits: (n) => n === k }, `${kind} at call ${k}`)
        if (kind === 'kill after') {
          await run(
            scenario,
            { kind, hits: (n) => n === k, intoRecovery: true },
            `${kind} at call ${k}, and faults in the recovery`,
          )
        } else if (!kind.startsWith('kill') && k % 3 === 1) {
          await run(scenario, { kind, hits: (n) => n >= k }, `${kind} from call ${k} on`)
        }
      }
    }
  })
}

test(`random faults, several in a run, lose no container (FAULT_SEED=${seed})`, async () => {
  const random = generator(seed)
  for (let i = 0; i < randomRuns; i++) {
    const scenario = SCENARIOS[Math.floor(random() * SCENARIOS.length)] as Scenario
    const kind = KINDS[Math.floor(random() * KINDS.length)] as Kind
    const hit = new Set(Array.from({ length: 1 + Math.floor(random() * 4) }, () => 1 + Math.floor(random() * 60)))
    await run(
      scenario,
      { kind, hits: (n) => hit.has(n), intoRecovery: random() < 0.3 },
      `${kind} at calls ${[...hit].join(', ')} (FAULT_SEED=${seed}, run ${i})`,
    )
  }
})

test('what was covered', (t) => {
  const profiles = [...new Set(SCENARIOS.map(({ profile }) => profile))]
  t.diagnostic(
    `fault points ${total.points} in ${SCENARIOS.length} scenarios x ${KINDS.length} kinds; ${total.runs} runs; ${total.checks} checks of I1-I3, I5-I7, I9, I10; seed ${seed}; engines ${profiles.join(', ')}`,
  )
  assert.ok(total.runs >= 2000, `only ${total.runs} runs`)
})

// mulberry32: small, fast, and the same everywhere.
function generator(from: number): () => number {
  let state = from
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
