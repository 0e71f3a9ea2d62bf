// The way back of a replacement that failed, and what the report says of it.
import { hasCode, isDockerError, messageOf, type RefreshError } from '../base/errors.ts'
import { causeOf } from './cause.ts'
import { see, seeNamed } from './container.ts'
import { discard } from './discard.ts'
import { leftOf, leftOpen } from './left-open.ts'
import type { Attempt, Phase, ReplaceContext, Replacement, Wish } from './replacement.ts'
import { DROPPED, settle, type Member, type Settled } from './settle.ts'

/** The step that a replacement has come to, and the member of its group. */
export interface Progress {
  touched: boolean
  phase: Phase
  name: string
}

/**
 * Brings the old containers back, as far as they were touched.
 *
 * @param error what ended the replacement
 * @returns what became of each; where the way back fails too, the reason names what is left and the command
 */
export async function rollBack(
  context: ReplaceContext,
  wishes: readonly Wish[],
  attempts: readonly Attempt[],
  error: unknown,
  { touched, phase, name }: Progress,
): Promise<Replacement[]> {
  for (const { old } of attempts) context.onPhase?.(old.name, 'roll back')
  const interrupted = context.signal?.aborted === true && !hasCode(error, 'IN_FLIGHT')
  const reason = interrupted ? 'interrupted' : messageOf(error)
  const code = interrupted ? 'ABORTED' : isDockerError(error) ? error.code : 'UNEXPECTED'
  const cause = interrupted ? 'interrupted' : causeOf(error, phase)
  const tell = (replacement: Omit<Replacement, 'warnings'>): Replacement[] =>
    wishes.map((wish, i) => ({
      ...replacement,
      ...(code === 'BUSY' ? {} : { cause: interrupted || wish.name === name ? cause : 'group-failed' }),
      downtimeMs: downtime(context, attempts[i]),
      warnings: attempts[i]?.warnings ?? [],
    }))
  try {
    // What may still end by the stop that it was asked for cannot be brought back before it has.
    if (hasCode(error, 'IN_FLIGHT')) throw await leftNow(context, attempts, error)
    const settled = await takeBack(context, attempts, touched)
    if (settled === 'dropped') return tell({ outcome: 'failed', reason: `${reason}; ${DROPPED}`, code })
    if (settled === 'committed')
      return tell({ outcome: 'failed', reason: `${reason}; the old container is gone, so there was no way back`, code })
  } catch (left) {
    return tell({
      outcome: 'failed',
      reason: messageOf(left).includes(reason) ? messageOf(left) : `${reason}; then ${messageOf(left)}`,
      code: isDockerError(left) ? left.code : 'ROLLBACK_FAILED',
    })
  }
  if (touched) return tell({ outcome: 'rolled-back', reason, code })
  return tell({ outcome: code === 'BUSY' || interrupted ? 'skipped' : 'failed', reason, code })
}

async function leftNow(
  { engine }: ReplaceContext,
  attempts: readonly Attempt[],
  error: unknown,
): Promise<RefreshError> {
  const operation = attempts.map(({ member }) => member)
  const left = await Promise.all(operation.map((member) => leftOf(engine, member))).catch(() => undefined)
  return leftOpen(operation, left, operation[0] as Member, error)
}

// Before the first step that touches an old container there is nothing to undo but what was made, and the old one may be
// in the hands of another process. Where it is gone and nobody has its name, what was made is the last copy.
async function takeBack(context: ReplaceContext, attempts: readonly Attempt[], touched: boolean): Promise<Settled> {
  const operation = attempts.map(({ member }) => member)
  if (touched) return settle(context, operation, 'roll back')
  for (const { old } of attempts) {
    if ((await see(context.engine, old.id)) === undefined && (await seeNamed(context.engine, old.name)) === undefined)
      return settle(context, operation, 'roll back')
  }
  await discard(context, operation)
  return 'rolled-back'
}

function downtime({ clock }: ReplaceContext, attempt: Attempt | undefined): number | undefined {
  return attempt?.stoppedAt === undefined ? undefined : Math.round(clock.monotonic() - attempt.stoppedAt)
}
