import type { Clock } from '../base/ports.ts'
import type { Cause } from './cause.ts'
import { isBetweenRuns } from './crash-loop.ts'
import { isActive, see, stateOf, type RefreshEngine, type Seen } from './container.ts'
import { healthRunner } from './podman-health.ts'
import { isAnswered, readProbe, type Prober } from './probe.ts'

export interface GateOptions {
  /** Milliseconds a container without health check must run without a restart; default 10,000. */
  readonly stableFor?: number | undefined
  /** Milliseconds until a health check must have said healthy; default what the check itself allows, 10 minutes at most. */
  readonly healthTimeout?: number | undefined
}

export interface GateContext {
  readonly engine: Pick<RefreshEngine, 'containers'>
  readonly clock: Clock
  /** Answers the probes that containers ask for by label; without it they are not asked. */
  readonly prober?: Prober | undefined
}

/** How the container did before: the new one need not do better than the old one. */
export interface Baseline {
  readonly unhealthy: boolean
  readonly restarting: boolean
}

export type Verdict =
  | { readonly passed: true }
  | { readonly passed: false; readonly reason: string; readonly cause: Cause }

/** Milliseconds a container without health check must run without a restart, where nothing else is asked for. */
export const STABLE_FOR = 10_000
const MAX_HEALTH_WAIT = 600_000
const SLACK = 5000
const POLL = 250
const PROBE_PATIENCE = 30_000
// moby's defaults of a health check (daemon/health.go), in milliseconds.
const INTERVAL = 30_000
const TIMEOUT = 30_000
const RETRIES = 3

/** How the old container does, as a yardstick for its successor. One that was stopped is none. */
export function baselineOf(old: Seen): Baseline {
  const state = stateOf(old)
  // Whoever is no longer asked is called unhealthy (moby container/health.go CloseMonitorChannel).
  const unhealthy = isActive(state) && old.view.State.Health?.Status === 'unhealthy'
  return { unhealthy, restarting: state === 'restarting' }
}

/**
 * Watches a started container until it is proved: healthy, or running for the stability window without a restart.
 *
 * @throws the signal's reason when it fires
 */
export async function gate(
  { engine, clock, prober }: GateContext,
  id: string,
  baseline: Baseline,
  options: GateOptions = {},
  signal?: AbortSignal,
): Promise<Verdict> {
  const begun = clock.monotonic()
  const runHealthcheck = healthRunner(engine.containers, clock)
  for (;;) {
    const seen = await see(engine, id)
    const elapsed = clock.monotonic() - begun
    const verdict = judge(seen, elapsed, baseline, options)
    if (verdict?.passed === false) return verdict
    if (verdict !== undefined && seen !== undefined) {
      const probed = await judgeProbe(prober, seen, elapsed, options)
      if (probed !== undefined) return probed
    }
    if (seen !== undefined) await runHealthcheck(seen)
    await clock.sleep(POLL, signal)
  }
}

// Asked last, and until it is answered or the time is over.
async function judgeProbe(
  prober: Prober | undefined,
  seen: Seen,
  elapsed: number,
  options: GateOptions,
): Promise<Verdict | undefined> {
  const probe = readProbe(seen.view.Config.Labels)
  if (probe === undefined || prober === undefined) return { passed: true }
  if (typeof probe === 'string') return failed(probe, 'start-refused')
  if (await isAnswered(prober, seen, probe)) return { passed: true }
  const patience = (options.stableFor ?? STABLE_FOR) + (options.healthTimeout ?? PROBE_PATIENCE)
  return elapsed >= patience
    ? failed(`its ${probe.kind} probe of port ${probe.port} was not answered`, 'unanswered')
    : undefined
}

/** The verdict after `elapsed` milliseconds, or `undefined` while there is none. */
export function judge(
  seen: Seen | undefined,
  elapsed: number,
  baseline: Baseline,
  options: GateOptions = {},
): Verdict | undefined {
  if (seen === undefined) return failed('it is gone', 'removed')
  const { State, RestartCount } = seen.view
  const stableFor = options.stableFor ?? STABLE_FOR
  const returns = baseline.restarting && isBetweenRuns(seen)
  if (!isActive(stateOf(seen)) && !returns)
    return failed(`it ended with exit code ${State.ExitCode}${State.Error === '' ? '' : `: ${State.Error}`}`, 'exited')
  if (!baseline.restarting && (RestartCount > 0 || stateOf(seen) === 'restarting'))
    return failed(`it restarted (last exit code ${State.ExitCode})`, 'restarted')
  const health = healthOf(seen)
  if (health === 'healthy') return { passed: true }
  if (health === 'unhealthy' && !baseline.unhealthy) return failed('its health check says unhealthy', 'unhealthy')
  if (health === 'none' || baseline.unhealthy || baseline.restarting)
    return elapsed >= stableFor ? { passed: true } : undefined
  const patience = options.healthTimeout ?? healthPatience(seen)
  return elapsed >= patience
    ? failed(`its health check said nothing but "${health}" for ${Math.round(patience / 1000)} s`, 'unready')
    : undefined
}

function failed(reason: string, cause: Cause): Verdict {
  return { passed: false, reason, cause }
}

function healthOf({ view }: Seen): string {
  const status = view.State.Health?.Status
  return status === undefined || status === '' ? 'none' : status
}

// Failures inside the start period do not count, so that is waited for on top.
function healthPatience({ view }: Seen): number {
  const check = view.Config.Healthcheck
  const tries = (check?.Retries || RETRIES) + 1
  const wait =
    milliseconds(check?.StartPeriod, 0) +
    (milliseconds(check?.Interval, INTERVAL) + milliseconds(check?.Timeout, TIMEOUT)) * tries +
    SLACK
  return Math.min(wait, MAX_HEALTH_WAIT)
}

function milliseconds(nanoseconds: number | undefined, fallback: number): number {
  return nanoseconds === undefined || nanoseconds === 0 ? fallback : nanoseconds / 1e6
}
