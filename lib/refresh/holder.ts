import type { Clock, Processes } from '../base/ports.ts'
import { isActive, see, stateOf, type RefreshEngine, type Seen } from './container.ts'
import { isHelper } from './helper.ts'
import type { Marks } from './marks.ts'
import { isUnderWay } from './under-way.ts'

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

/** What it takes to tell who works on an operation. */
export interface HoldContext {
  readonly engine: RefreshEngine
  readonly clock: Clock
  readonly processes: Processes
  /** The operator's word: what is in doubt is free. */
  readonly force?: boolean | undefined
}

/**
 * Why what a process has made is not to be taken up: it belongs to its holder as long as that is seen to live, and in
 * doubt until its lease is over, which is told by the engine's own clock. What this process has made and no longer works
 * on is free.
 *
 * @param made the containers
 */
export async function heldBy(
  { engine, clock, processes, force }: HoldContext,
  { holder: identity, op, lease }: Pick<Marks, 'holder' | 'op' | 'lease'>,
  made: readonly Seen[],
): Promise<string | undefined> {
  if (identity === (await processes.self()))
    return isUnderWay(identity, op) ? 'this process is replacing it' : undefined
  const holder = await holderState({ engine, processes }, identity)
  if (holder === 'alive') return 'the process that replaces it is alive'
  if (holder === 'dead' || force === true) return undefined
  const { SystemTime } = await engine.info()
  const now = SystemTime === undefined ? clock.now() : Date.parse(SystemTime)
  const created = Math.max(...made.map(({ view }) => Date.parse(view.Created)))
  const left = lease - (now - created) / 1000
  return left > 0 ? `another machine or container may be replacing it, for ${Math.ceil(left)} s at most` : undefined
}

/** The container in which the process of an identity runs. */
export function containerOf(identity: string): string | undefined {
  return /\/([0-9a-f]{64})$/.exec(identity)?.[1]
}
