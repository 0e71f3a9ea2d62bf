import type { Log } from '../../base/ports.ts'
import type { RegistryClient } from '../../registry/client.ts'
import type { RefreshOptions, RefreshPorts } from '../refresh.ts'
import type { RefreshReport } from '../report.ts'
import type { Target } from '../target.ts'
import type { Tick } from './tick.ts'
import type { Windows } from './windows.ts'

/** Something that happened on the engine, or that events may have been missed (`resync`). */
export interface ContainerEvent {
  /** As the engine names it. */
  readonly Action?: string | undefined
  readonly type?: string | undefined
  readonly reason?: string | undefined
}

/**
 * Refreshes these targets and gives the report: the one place through which all refreshes of a process go, one at a time.
 *
 * @throws RefreshError `BUSY` while another one runs: the next tick asks again
 */
export type Trigger = (targets: readonly Target[], signal: AbortSignal | undefined) => Promise<RefreshReport>

export interface WatchPorts extends RefreshPorts {
  readonly registry: Pick<RegistryClient, 'digest' | 'created'>
  readonly log: Log
  /** Events of containers, until the signal fires; one that appears wakes the watch early. */
  readonly events?: ((signal: AbortSignal) => AsyncIterable<ContainerEvent>) | undefined
  /** Default a refresh of its own. */
  readonly trigger?: Trigger | undefined
}

export interface WatchOptions extends Omit<RefreshOptions, 'dryRun' | 'recreate' | 'retry'> {
  /** Milliseconds from one tick to the next, ± 10 %; default 5 minutes, at least 30 s. */
  readonly interval?: number | undefined
  /** When containers may be moved; looks go on outside of them. Default always. */
  readonly windows?: Windows | undefined
  /** Milliseconds that an image must have been out; default 0. */
  readonly minAge?: number | undefined
  /** Ticks that fail in a row until the watch gives up with the last error; default 10. */
  readonly maxFailures?: number | undefined
  /** Told after each tick, for metrics and health. */
  readonly onTick?: ((outcome: TickOutcome) => void) | undefined
}

/** How a tick went. */
export interface TickOutcome {
  readonly tick?: Tick | undefined
  readonly error?: unknown
  /** Ticks that failed in a row until now; 0 is well. */
  readonly failures: number
}

export const INTERVAL = 300_000
export const MIN_INTERVAL = 30_000
export const MAX_FAILURES = 10
/** Of the interval, to both sides: hosts that started together do not ask together. */
export const JITTER = 0.1
/** Milliseconds that a failing image waits at most. */
export const LONGEST_PAUSE = 3_600_000
