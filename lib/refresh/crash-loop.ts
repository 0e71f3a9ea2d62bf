import { objectAt, textAt } from '../base/json.ts'
import type { Clock } from '../base/ports.ts'
import { isActive, see, stateOf, type RefreshEngine, type Seen } from './container.ts'
import { isOfPodman } from './successor/podman.ts'

interface LoopContext {
  readonly engine: Pick<RefreshEngine, 'containers'>
  readonly clock: Clock
}

// podman restarts a container from the hook that cleans up after it, and shows it as ended until then.
const CLEAN_UP = 3000
const LOOK_EVERY = 500
// While a run is waited for, which may be short.
const LOOK_OFTEN = 100
// Runs that are never seen under way.
const LONGEST_LOOP = 20_000
// Clocks of two machines may differ by so much.
const SKEW = 60_000
// What runs shorter than this is no stable container, whatever the window is.
const SHORTEST = 1000

/**
 * A container that keeps crashing looks different from one moment to the next: running, restarting, and on podman ended.
 * Watches it until it is known which it does, so that a refresh comes to one outcome: `restarting` for one whose runs
 * are shorter than the stability window, `running` for one that is stable, `exited` for one that stays down.
 *
 * @param window milliseconds that a stable container runs without a restart
 */
export async function watchLoop(context: LoopContext, first: Seen, window: number): Promise<Seen> {
  if (!mayReturn(first)) return first
  const stableFor = Math.max(window, SHORTEST)
  const { clock } = context
  if (stateOf(first) === 'restarting') return withStatus(first, lastRun(first) >= stableFor ? 'running' : 'restarting')
  if (stateOf(first) === 'running' && isLongRunning(first, clock.now(), stableFor)) return first
  if (stateOf(first) === 'exited' && !isOfPodman(first.raw)) return first
  const begun = clock.monotonic()
  const patience = stateOf(first) === 'exited' ? CLEAN_UP : stableFor
  let last = first
  while (clock.monotonic() - begun < patience) {
    await clock.sleep(LOOK_EVERY)
    const seen = await see(context.engine, first.id)
    if (seen === undefined) return first
    if (hasMoved(first, seen) || (isActive(stateOf(first)) && stateOf(seen) !== 'running'))
      return stateOf(seen) === 'paused'
        ? seen
        : withStatus(seen, runOf(first, seen) >= stableFor ? 'running' : 'restarting')
    last = seen
  }
  return last
}

/**
 * True when a container of podman has ended and stays down. A stop that meets it between two runs is answered "not
 * running", and the next run begins all the same. True of one that is gone, and of one that no policy starts again. False as
 * soon as it runs: that is the moment to stop it, for its runs may be short.
 */
export async function staysDown({ engine, clock }: LoopContext, container: Pick<Seen, 'id'>): Promise<boolean> {
  let last = await see(engine, container.id)
  if (last === undefined || !isOfPodman(last.raw) || !mayReturn(last)) return true
  const begun = clock.monotonic()
  let since = begun
  while (clock.monotonic() - since < CLEAN_UP && clock.monotonic() - begun < LONGEST_LOOP) {
    if (isActive(stateOf(last))) return false
    await clock.sleep(LOOK_OFTEN)
    const seen = await see(engine, container.id)
    if (seen === undefined) return true
    if (hasMoved(last, seen)) since = clock.monotonic()
    last = seen
  }
  return clock.monotonic() - since >= CLEAN_UP
}

/** True when the restart policy may start the container again after its end. */
export function mayReturn(seen: Seen): boolean {
  const { RestartPolicy } = seen.view.HostConfig
  if (stateOf(seen) === 'created' || RestartPolicy.Name === '' || RestartPolicy.Name === 'no') return false
  if (RestartPolicy.Name !== 'on-failure' || isActive(stateOf(seen))) return true
  const most = RestartPolicy.MaximumRetryCount ?? 0
  return seen.view.State.ExitCode !== 0 && (most === 0 || seen.view.RestartCount < most)
}

/** True for a container that podman shows as ended and may be about to start again. */
export function isBetweenRuns(seen: Seen): boolean {
  return isOfPodman(seen.raw) && stateOf(seen) === 'exited' && mayReturn(seen)
}

// One that was never restarted may be in its first run.
function isLongRunning(seen: Seen, now: number, stableFor: number): boolean {
  return now - startedAt(seen) > stableFor + (seen.view.RestartCount === 0 ? 0 : SKEW)
}

function hasMoved(before: Seen, after: Seen): boolean {
  return before.view.RestartCount !== after.view.RestartCount || startedAt(before) !== startedAt(after)
}

// How long the run lasted that was under way, or had just ended, at the first look.
function runOf(first: Seen, now: Seen): number {
  return stateOf(first) === 'exited' ? lastRun(first) : finishedAt(now) - startedAt(first)
}

function lastRun(seen: Seen): number {
  return finishedAt(seen) - startedAt(seen)
}

function finishedAt(seen: Seen): number {
  return Date.parse(textAt(stateIn(seen), 'FinishedAt'))
}

function startedAt(seen: Seen): number {
  return Date.parse(textAt(stateIn(seen), 'StartedAt'))
}

function stateIn({ raw }: Seen): unknown {
  return objectAt(raw, 'State')
}

function withStatus(seen: Seen, Status: 'running' | 'restarting'): Seen {
  return { ...seen, view: { ...seen.view, State: { ...seen.view.State, Status } } }
}
