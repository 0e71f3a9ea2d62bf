import { longestStop, type Seen } from './container.ts'
import { longestGate, type GateOptions } from './gate.ts'
import { hookTimeout } from './hooks.ts'
import { ENGINE_PATIENCE } from './steady.ts'

// Milliseconds for all the short calls of one container: create, prove, rename, and the looks in between.
const SLACK = 120_000

export interface LeaseContext {
  readonly gate?: GateOptions | undefined
  /** Runs the hooks that containers ask for by label. */
  readonly hooks?: unknown
}

/**
 * Seconds within which a replacement must have ended, whatever happens on its way: hooks, a stop that takes longer than
 * its container tells, the gate with its probe, a roll back with another stop, an engine that is away. Another machine
 * takes an operation up once this is over, so nothing that its owner may wait for is missing here.
 *
 * @param olds the containers that are replaced together
 * @param labels those of their successors
 */
export function leaseOf(
  { gate, hooks }: LeaseContext,
  olds: readonly Seen[],
  labels: readonly Readonly<Record<string, string>>[],
): number {
  const each = olds.map((old, i) => {
    const hooksTake = hooks === undefined ? 0 : hookTimeout(old.view.Config.Labels) + hookTimeout(labels[i] ?? {})
    return hooksTake + 2 * longestStop(old) + longestGate(gate) + SLACK
  })
  return Math.ceil(each.reduce((sum, one) => sum + one, ENGINE_PATIENCE) / 1000)
}
