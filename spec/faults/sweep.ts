// Runs scenarios once for every call of them and every kind of fault, transient and persistent, and with faults in the
// recovery.
import { isEngines, kindsOf, type Plan } from './kinds.ts'
import type { Scenario } from './scenario.ts'
import type { Tally } from './tally.ts'
import { trial } from './trial.ts'

/** One run. Gives the methods of its calls, and whether one of them went wrong. */
export async function run(
  scenario: Scenario,
  plan: Plan | undefined,
  what: string,
  tally: Tally,
): Promise<{ readonly calls: readonly string[]; readonly hit: boolean }> {
  tally.runs++
  try {
    const { calls, hit, checks } = await trial(scenario, plan)
    for (const [invariant, count] of checks) tally.checks[invariant] = (tally.checks[invariant] ?? 0) + count
    return { calls, hit }
  } catch (error) {
    tally.violations++
    throw new Error(`${scenario.name} on ${scenario.profile}, ${what}: ${(error as Error).message}`, { cause: error })
  }
}

export async function sweep(scenario: Scenario, tally: Tally): Promise<void> {
  const { calls } = await run(scenario, undefined, 'without a fault', tally)
  tally.scenarios++
  tally.points += calls.length
  if (!tally.engines.includes(scenario.profile)) tally.engines.push(scenario.profile)
  for (const [i, method] of calls.entries()) {
    const k = i + 1
    let hit = true
    for (const kind of kindsOf(scenario, method, calls[i - 1])) {
      if (!tally.kinds.includes(kind)) tally.kinds.push(kind)
      const at = { kind, hits: (n: number) => n === k }
      hit = (await run(scenario, at, `${kind} at call ${k}`, tally)).hit && hit
      if (kind === 'kill after') {
        await run(scenario, { ...at, intoRecovery: true }, `${kind} at call ${k}, and faults in the recovery`, tally)
      } else if (!kind.startsWith('kill') && !isEngines(kind) && k % 3 === 1) {
        await run(scenario, { kind, hits: (n) => n >= k }, `${kind} from call ${k} on`, tally)
      }
    }
    if (hit) tally.hit++
  }
}

/** Several faults in a run, anywhere. */
export async function sweepAtRandom(
  scenarios: readonly Scenario[],
  seed: number,
  runs: number,
  tally: Tally,
): Promise<void> {
  const random = generator(seed)
  const among = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  for (let i = 0; i < runs; i++) {
    const scenario = among(scenarios)
    const kind = among(kindsOf(scenario, 'POST'))
    const hit = new Set(Array.from({ length: 1 + Math.floor(random() * 4) }, () => 1 + Math.floor(random() * 60)))
    const plan = { kind, hits: (n: number) => hit.has(n), intoRecovery: random() < 0.3 }
    await run(scenario, plan, `${kind} at calls ${[...hit].join(', ')} (FAULT_SEED=${seed}, run ${i})`, tally)
  }
}

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
