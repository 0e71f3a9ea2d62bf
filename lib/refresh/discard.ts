import { hasCode, messageOf, RefreshError } from '../base/errors.ts'
import { isActive, see, stateOf } from './container.ts'
import { stopSurely } from './end.ts'
import { recoverCommand } from './left-open.ts'
import type { Operation, SettleContext } from './settle.ts'

const TRIES = 3
const PAUSE = 300

/**
 * Takes back the successors of an operation that has not touched the old containers, those that share first. It looks at
 * nothing else and touches nothing else: the old containers may be in the hands of another process by now.
 *
 * @throws RefreshError `ROLLBACK_FAILED` naming the one that is left
 */
export async function discard(
  context: Pick<SettleContext, 'engine' | 'clock' | 'onWait'>,
  operation: Operation,
): Promise<void> {
  const { engine, clock } = context
  for (const { successorId, marks } of operation.toReversed()) {
    for (let tries = 1; ; tries++) {
      const seen = await see(engine, successorId)
      if (seen === undefined) break
      try {
        if (isActive(stateOf(seen))) await stopSurely(context, seen)
        await engine.containers.remove(successorId)
      } catch (cause) {
        if (tries === TRIES || hasCode(cause, 'IN_FLIGHT')) throw left(operation, marks.name, successorId, cause)
        await clock.sleep(PAUSE)
      }
    }
  }
}

function left(operation: Operation, name: string, successorId: string, cause: unknown): RefreshError {
  const id = successorId.slice(0, 12)
  const command = recoverCommand(...operation.map(({ marks }) => marks.name))
  const message = `the container ${id} that was made for ${name} cannot be removed: ${messageOf(cause)}. ${name} was not touched. "${command}" removes it, or: docker rm --force ${id}`
  return new RefreshError('ROLLBACK_FAILED', message, { cause, facts: { name, successor: successorId } })
}
