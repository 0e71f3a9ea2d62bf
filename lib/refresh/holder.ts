import type { Processes } from '../base/ports.ts'
import { isActive, see, stateOf, type RefreshEngine } from './container.ts'
import { isHelper } from './helper.ts'

/**
 * Processes as seen from a container: an identity also tells the container. Who was in this one and is not now is dead,
 * for its processes end with it.
 */
export function containerProcesses(processes: Processes, selfId: string): Processes {
  return {
    self: async () => `${await processes.self()}/${selfId}`,
    state: async (identity) => {
      const state = await processes.state(identity)
      return state === 'unknown' && containerOf(identity) === selfId ? 'dead' : state
    },
  }
}

/**
 * Whether the process of an identity lives, also by its container: in one that does not run nothing lives, and a helper
 * that runs, or will run again, goes on by itself.
 */
export async function holderState(
  { engine, processes }: { readonly engine: RefreshEngine; readonly processes: Processes },
  identity: string,
): Promise<'alive' | 'dead' | 'unknown'> {
  const state = await processes.state(identity)
  const container = containerOf(identity)
  if (state !== 'unknown' || container === undefined) return state
  const seen = await see(engine, container)
  if (seen === undefined) return 'unknown' // perhaps of another engine
  if (!isActive(stateOf(seen))) return 'dead'
  return isHelper(seen) ? 'alive' : 'unknown'
}

/** The container in which the process of an identity runs. */
export function containerOf(identity: string): string | undefined {
  return /\/([0-9a-f]{64})$/.exec(identity)?.[1]
}
