import type { Clock } from '../base/ports.ts'
import type { Reaping } from './backend.ts'
import { sweepOnce, type Sightings, type SweepOptions, type SweepPorts, type SweepReport } from './sweep.ts'
import { watch } from './watch.ts'

const INTERVAL = 60_000

/** What a watch works with; a platform without an engine has no reaper, and nothing to watch. */
export interface OrphanPorts extends Omit<SweepPorts, 'reaper' | 'clock'> {
  readonly reaper: Reaping | undefined
  readonly clock: Clock
}

/** Sweeps at once and then every minute until the signal fires. */
export async function watchOrphans(
  { reaper, ...ports }: OrphanPorts,
  options: SweepOptions & {
    readonly signal: AbortSignal
    readonly interval?: number | undefined
    readonly onSweep?: ((report: SweepReport) => void) | undefined
  },
): Promise<void> {
  if (reaper === undefined) return
  const { interval = INTERVAL, onSweep = () => {} } = options
  const sightings: Sightings = new Map()
  await watch(ports, 'orphan sweep', { interval, signal: options.signal }, async () =>
    onSweep(await sweepOnce({ ...ports, reaper }, options, sightings)),
  )
}
