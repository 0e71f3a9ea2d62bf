// Whether a new container that did not prove itself failed by itself, or was stopped, killed or removed by somebody.
import { objectAt } from '../base/json.ts'
import type { Cause } from './cause.ts'
import { see, type RefreshEngine } from './container.ts'

// Milliseconds for the engine's memory of events: it answers at once, podman after `until`.
const PATIENCE = 5000
// Seconds: podman answers with nothing where `until` is past, so it is a moment ahead.
const AHEAD = 1

// What only a call to the engine makes. A process that ends by itself, also by a signal of its own, makes `die` alone.
const ORDERS: ReadonlySet<string> = new Set(['kill', 'stop', 'restart', 'destroy', 'remove'])

/**
 * The cause of a failed gate, once the engine's events were asked who ended the container. Without events (a proxy that
 * does not pass them) the exit code tells: above 128 a signal ended it, and by whom is not known.
 */
export async function blame(engine: RefreshEngine, id: string, cause: Cause): Promise<Cause> {
  if (cause !== 'exited' && cause !== 'restarted') return cause
  try {
    const seen = await see(engine, id)
    if (seen === undefined) return 'removed'
    const actions = await actionsOn(engine, id, seen.view.Created)
    if (actions?.some((action) => ORDERS.has(action)) === true) return 'stopped'
    if (actions?.some((action) => action === 'die' || action === 'died') === true) return cause
    const { ExitCode } = seen.view.State
    const killedByKernel = objectAt(seen.raw, 'State')['OOMKilled'] === true
    return ExitCode > 128 && !killedByKernel ? 'ended' : cause
  } catch {
    return 'ended'
  }
}

/** What the engine remembers to have happened to a container, `undefined` where it cannot be asked. */
async function actionsOn(
  { system, info }: RefreshEngine,
  id: string,
  since: string,
): Promise<readonly string[] | undefined> {
  if (system === undefined) return undefined
  try {
    const { SystemTime } = await info()
    const now = seconds(SystemTime ?? '')
    const from = seconds(since)
    if (Number.isNaN(now) || Number.isNaN(from)) return undefined
    const actions: string[] = []
    const options = { since: from, until: now + AHEAD, filters: { type: ['container'], container: [id] } }
    for await (const event of system.events(options, { timeout: PATIENCE })) actions.push(event.Action)
    return actions
  } catch {
    return undefined
  }
}

// Whole seconds: podman finds nothing since a time with decimals.
function seconds(time: string): number {
  return Math.floor(Date.parse(time) / 1000)
}
