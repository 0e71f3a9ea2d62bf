import { hasCode, isDockerError, messageOf, type ErrorCode } from '../base/errors.ts'
import { discard } from './discard.ts'
import { dismissHelpers } from './dismiss.ts'
import type { HoldContext } from './holder.ts'
import { recoverCommand } from './left-open.ts'
import type { Selection } from './selection.ts'
import { DROPPED, settle, type Operation, type SettleContext } from './settle.ts'
import { steady } from './steady.ts'
import { findUnfinished, isWithin, whoHolds, type Unfinished } from './unfinished.ts'

export interface RecoverContext extends SettleContext, HoldContext {
  /** Operations of other containers are told of and left as they are. Default all. */
  readonly selection?: Selection | undefined
  readonly onRecovered?: ((recovered: Recovered) => void) | undefined
}

/** What became of an operation that had not come to its end. */
export interface Recovered {
  /** Name of the container that it is about. */
  readonly name: string
  readonly op: string
  /** `left`: not of the selection, and not touched. */
  readonly outcome: 'committed' | 'rolled-back' | 'left' | 'busy' | 'failed'
  readonly reason?: string | undefined
  readonly code?: ErrorCode | undefined
}

/**
 * Ends the operations that somebody did not: those of which a container's marks tell of an old one that still exists, or
 * that still has a temporary name. Looks only at the engine, may be interrupted, and run again changes nothing. Waits for
 * an engine that is away, bounded, once it has begun.
 */
export async function recover(context: RecoverContext): Promise<Recovered[]> {
  const recovered: Recovered[] = []
  const tell = (one: Recovered): void => {
    context.onRecovered?.(one)
    recovered.push(one)
  }
  for (const unfinished of await findUnfinished(context.engine)) {
    const result = await recoverOne(context, unfinished)
    if (result === undefined) continue
    for (const { marks } of unfinished.operation) tell({ name: marks.name, op: marks.op, ...result })
  }
  for (const one of await dismissHelpers(context)) tell(one)
  return recovered
}

type Result = Pick<Recovered, 'outcome' | 'reason' | 'code'>

async function recoverOne(context: RecoverContext, unfinished: Unfinished): Promise<Result | undefined> {
  const { operation } = unfinished
  const held = await whoHolds(context, unfinished)
  if (!isWithin(context.selection, unfinished)) return held === undefined ? left(operation) : undefined
  if (held !== undefined) return { outcome: 'busy', reason: held }
  const name = operation[0]?.marks.name ?? ''
  const engine = steady({ ...context, onAway: () => context.onWait?.(name, 'engine') })
  try {
    if (unfinished.overtaken) {
      await discard({ ...context, engine }, operation)
      return { outcome: 'rolled-back', reason: 'another process had come before' }
    }
    const settled = await settle({ ...context, engine }, operation, 'decide')
    return settled === 'dropped' ? { outcome: 'rolled-back', reason: DROPPED } : { outcome: settled }
  } catch (error) {
    if (hasCode(error, 'BUSY')) return { outcome: 'busy', reason: messageOf(error), code: error.code }
    return { outcome: 'failed', reason: messageOf(error), code: isDockerError(error) ? error.code : 'UNEXPECTED' }
  }
}

function left(operation: Operation): Result {
  const command = recoverCommand(...operation.map(({ marks }) => marks.name))
  return {
    outcome: 'left',
    reason: `its replacement was left unfinished, and it is not selected: "${command}" ends it`,
  }
}
