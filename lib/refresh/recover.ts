import { isDockerError, messageOf, type ErrorCode } from '../base/errors.ts'
import type { Processes } from '../base/ports.ts'
import { see, type RefreshEngine, type Seen } from './container.ts'
import { OP_LABEL, isTemporaryName } from './marks.ts'
import { operationOf, settle, type Operation, type SettleContext } from './settle.ts'

export interface RecoverContext extends SettleContext {
  readonly processes: Processes
  /** The operator's word: an operation within its lease is taken up too, unless its holder is seen to live. */
  readonly force?: boolean | undefined
  readonly onRecovered?: ((recovered: Recovered) => void) | undefined
}

/** What became of an operation that had not come to its end. */
export interface Recovered {
  /** Name of the container that it is about. */
  readonly name: string
  readonly op: string
  readonly outcome: 'committed' | 'rolled-back' | 'busy' | 'failed'
  readonly reason?: string | undefined
  readonly code?: ErrorCode | undefined
}

/**
 * Ends the operations that somebody did not: each container whose marks tell of an old one that still exists, or that
 * still has a temporary name. Looks only at the engine, may be interrupted, and run again changes nothing.
 */
export async function recover(context: RecoverContext): Promise<Recovered[]> {
  const recovered: Recovered[] = []
  for (const successor of await unfinished(context.engine)) {
    const operation = operationOf(successor) as Operation
    const result = await recoverOne(context, successor, operation)
    context.onRecovered?.(result)
    recovered.push(result)
  }
  return recovered
}

/** Successors whose operation has not come to its end. */
export async function unfinished(engine: RefreshEngine): Promise<Seen[]> {
  const marked = await engine.containers.list({ all: true, filters: { label: [OP_LABEL] } })
  const found: Seen[] = []
  for (const { Id } of marked) {
    const successor = await see(engine, Id)
    const operation = successor === undefined ? undefined : operationOf(successor)
    if (successor === undefined || operation === undefined) continue
    const named = successor.name === operation.marks.name
    const open =
      named || isTemporaryName(successor.name)
        ? (await see(engine, operation.marks.replaces)) !== undefined || !named
        : false
    if (open) found.push(successor)
  }
  return found
}

async function recoverOne(context: RecoverContext, successor: Seen, operation: Operation): Promise<Recovered> {
  const about = { name: operation.marks.name, op: operation.marks.op }
  const held = await heldBy(context, successor, operation)
  if (held !== undefined) return { ...about, outcome: 'busy', reason: held }
  try {
    return { ...about, outcome: await settle(context, operation, 'decide') }
  } catch (error) {
    return {
      ...about,
      outcome: 'failed',
      reason: messageOf(error),
      code: isDockerError(error) ? error.code : 'UNEXPECTED',
    }
  }
}

// An operation belongs to its holder as long as that is seen to live, and in doubt until its lease is over.
async function heldBy(
  { engine, clock, processes, force }: RecoverContext,
  successor: Seen,
  { marks }: Operation,
): Promise<string | undefined> {
  const holder = await processes.state(marks.holder)
  if (holder === 'alive') return 'the process that replaces it is alive'
  if (holder === 'dead' || force === true) return undefined
  const { SystemTime } = await engine.info()
  const now = SystemTime === undefined ? clock.now() : Date.parse(SystemTime)
  const left = marks.lease - (now - Date.parse(successor.view.Created)) / 1000
  return left > 0 ? `another machine or container may be replacing it, for ${Math.ceil(left)} s at most` : undefined
}
