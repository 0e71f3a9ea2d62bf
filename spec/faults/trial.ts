// One run of a scenario in which calls go wrong, and what must hold during it and after.
import assert from 'node:assert/strict'

import { recover, type RecoverContext } from '../../lib/refresh/recover.ts'
import { refresh, type RefreshPorts } from '../../lib/refresh/refresh.ts'
import type { RefreshReport } from '../../lib/refresh/report.ts'
import { createChecks, type Checks, type Invariant } from './checks.ts'
import { faultOf, isEngines, type Plan } from './kinds.ts'
import type { Process } from './process.ts'
import { lookAtDown, lookAtReport, lookAtRest } from './rest.ts'
import { STABLE_FOR, type Scenario } from './scenario.ts'
import { createWatch, type Watch } from './watch.ts'
import { openWorld, optionsOf, type World } from './world.ts'

export interface Result {
  /** Methods of the calls that were exposed to the faults. */
  readonly calls: readonly string[]
  /** Whether one of them went wrong. */
  readonly hit: boolean
  readonly checks: ReadonlyMap<Invariant, number>
}

const MAX_CALLS = 1500
const MAX_TIME = 3_600_000
// So long that the first start of a roll back fails as well, and a later one does not.
const HELD_FOR = 1400

/** Runs it. @throws AssertionError with the invariants that were violated */
export async function trial(scenario: Scenario, plan: Plan | undefined): Promise<Result> {
  await using world = await openWorld(scenario)
  const checks = createChecks()
  const watch = createWatch(world, checks)
  const run: Run = { world, checks, watch, hits: 0, heldUntil: 0 }

  const doomed = await world.start('process-1')
  const first = world.engine.calls.length
  inject(run, plan, doomed)
  const begun = world.clock.monotonic()
  const outcome = await Promise.race([act(world, doomed), doomed.killed.then(() => 'killed' as const)])
  const report = outcome === 'killed' ? undefined : outcome
  const calls = world.engine.calls.slice(first).map(({ method }) => method)
  watch.look()
  checks.check('I9', calls.length <= MAX_CALLS, () => `${calls.length} calls were made`)
  checks.check('I9', world.clock.monotonic() - begun <= MAX_TIME, () => 'it took more than an hour')
  if (report !== undefined) lookAtReport(world, checks, report)

  const down = plan !== undefined && isEngines(plan.kind)
  if (outcome !== 'killed' && scenario.died === undefined) {
    await restAWhile(run)
    lookAtDown(world, checks, down, report)
  }

  if (plan?.intoRecovery === true) {
    const interrupted = await world.start('process-2')
    inject(run, { ...plan, hits: (n) => n === 3 || n === 5 }, interrupted)
    await Promise.race([recover(forced(interrupted.ports)).catch(() => []), interrupted.killed])
  }
  await heal(run, down, report)
  assert.deepEqual(checks.violations, [])
  return { calls, hit: run.hits > 0, checks: checks.counts }
}

interface Run {
  readonly world: World
  readonly checks: Checks
  readonly watch: Watch
  hits: number
  /** Milliseconds of the clock until which another program holds the ports that it took. */
  heldUntil: number
}

function inject(run: Run, plan: Plan | undefined, process: Process): void {
  const { engine, clock } = run.world
  const first = engine.calls.length
  engine.faults = ({ n }) => {
    run.watch.look()
    if (clock.monotonic() > run.heldUntil) engine.occupiedPorts.clear()
    if (n - first > MAX_CALLS) process.kill()
    if (plan?.hits(n - first) !== true) return undefined
    run.hits++
    if (isEngines(plan.kind)) run.watch.restarted()
    run.heldUntil = clock.monotonic() + HELD_FOR
    return faultOf(
      plan.kind,
      run.world,
      () => process.kill(),
      () => run.watch.look(),
    )
  }
}

// Milliseconds until whatever the engine still had in hand is done.
const A_WHILE = 60_000

async function restAWhile({ world, watch }: Run): Promise<void> {
  world.engine.faults = undefined
  await world.clock.sleep(A_WHILE)
  watch.look()
}

async function act(world: World, process: Process): Promise<RefreshReport | undefined> {
  try {
    if (world.scenario.died === undefined) return await refresh(process.ports, optionsOf(world.scenario, process))
    await recover(forced(process.ports))
  } catch {
    // What it comes to is looked at in the world.
  }
  return undefined
}

// Another process ends what is left, then all is done once more in peace.
async function heal({ world, checks, watch }: Run, down: boolean, report: RefreshReport | undefined): Promise<void> {
  const { engine, scenario } = world
  engine.occupiedPorts.clear()
  engine.faults = () => {
    watch.look()
    return undefined
  }
  // The engine is back when somebody looks after it.
  if (down) await world.clock.sleep(A_WHILE)
  const healed = await world.start('process-3')
  const recovered = await recover(forced(healed.ports))
  const open = recovered.filter(({ outcome }) => outcome !== 'committed' && outcome !== 'rolled-back')
  checks.check('I7', open.length === 0, () => `recovery does not come to its end: ${open[0]?.reason}`)
  await world.clock.sleep(A_WHILE)
  watch.look()
  lookAtRest(world, checks, down)
  lookAtDown(world, checks, down)
  if (report !== undefined && recovered.length === 0) lookAtReport(world, checks, report)
  const again = await recover(forced(healed.ports))
  checks.check('I7', again.length === 0, () => 'a second recovery finds something')

  const before = engine.calls.length
  const idsBefore = idsOf(world)
  const settled = await refresh(healed.ports, optionsOf(scenario, healed))
  watch.look()
  lookAtRest(world, checks, down)
  lookAtReport(world, checks, settled)
  if (scenario.options?.strategy === 'remove')
    checks.check('I7', engine.containers().length === 1, () => 'a refresh in peace does not remove what is to go')
  checks.check('I9', engine.calls.length - before <= MAX_CALLS, () => 'a refresh in peace makes too many calls')
  const ids = idsOf(world)
  // Where it changed nothing it was itself the second one.
  if (ids !== idsBefore) await refresh(healed.ports, optionsOf(scenario, healed))
  checks.check('I7', idsOf(world) === ids, () => 'a second refresh changes something')
}

function idsOf({ engine }: World): string {
  return engine
    .containers()
    .map(({ id }) => id)
    .join()
}

const forced = (ports: RefreshPorts): RecoverContext => ({ ...ports, gate: { stableFor: STABLE_FOR }, force: true })
