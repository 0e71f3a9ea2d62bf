// What the suite has covered: counted in each of its processes, added up in the end.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Invariant } from './checks.ts'

export interface Tally {
  scenarios: number
  /** Calls of the scenarios when nothing goes wrong, and those of them at which all went wrong that can. */
  points: number
  hit: number
  runs: number
  violations: number
  readonly kinds: string[]
  readonly engines: string[]
  readonly checks: Partial<Record<Invariant, number>>
  /** Runs of the fidelity property, by outcome. */
  readonly fidelity: Record<string, number>
}

export const seed: number = Number(process.env['FAULT_SEED'] ?? Date.now() % 1_000_000)

export function emptyTally(): Tally {
  return {
    scenarios: 0,
    points: 0,
    hit: 0,
    runs: 0,
    violations: 0,
    kinds: [],
    engines: [],
    checks: {},
    fidelity: {},
  }
}

const FOLDER = 'FAULT_TALLY'
const INVARIANTS: readonly Invariant[] = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9', 'I10', 'I11']

/** Leaves it for the process that started this one. */
export function leaveTally(name: string, tally: Tally): void {
  const folder = process.env[FOLDER]
  if (folder !== undefined) writeFileSync(join(folder, `${name}.json`), JSON.stringify(tally))
}

/** Adds up what was left in a folder. */
export function readTallies(folder: string): Tally {
  const sum = emptyTally()
  for (const file of readdirSync(folder)) {
    const one = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Tally
    for (const key of ['scenarios', 'points', 'hit', 'runs', 'violations'] as const) sum[key] += one[key]
    for (const key of ['kinds', 'engines'] as const)
      sum[key].push(...one[key].filter((value) => !sum[key].includes(value)))
    for (const invariant of INVARIANTS)
      if (one.checks[invariant] !== undefined)
        sum.checks[invariant] = (sum.checks[invariant] ?? 0) + one.checks[invariant]
    for (const [outcome, count] of Object.entries(one.fidelity))
      sum.fidelity[outcome] = (sum.fidelity[outcome] ?? 0) + count
  }
  return sum
}

/** The one line that tells it all. */
export function summary(tally: Tally): string {
  const { hit, points, scenarios, kinds, runs, violations, engines, fidelity } = tally
  const checks = INVARIANTS.map((invariant) => `${invariant} ${tally.checks[invariant] ?? 0}`)
  const outcomes = Object.entries(fidelity).map(([outcome, count]) => `${count} ${outcome}`)
  return [
    `fault points ${hit} of ${points} in ${scenarios} scenarios x ${kinds.length} kinds`,
    `${runs} runs`,
    `checks of I1-I11: ${checks.join(', ')}`,
    `violations ${violations}`,
    `seed ${seed}`,
    `engines ${engines.join(', ')}`,
    `fidelity: ${outcomes.length === 0 ? 'not run' : outcomes.join(', ')}`,
  ].join('; ')
}

/** What the whole suite must have covered, or why it has not. */
export function shortOf({ hit, points, runs, checks, fidelity }: Tally): string[] {
  return [
    ...(runs < 2000 ? [`only ${runs} runs`] : []),
    ...(hit < points ? [`${points - hit} calls were not reached by every kind of fault`] : []),
    ...INVARIANTS.filter((invariant) => (checks[invariant] ?? 0) === 0).map((one) => `${one} was never checked`),
    ...(Object.keys(fidelity).length === 0 ? ['fidelity was not run'] : []),
  ]
}
