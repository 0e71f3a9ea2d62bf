import { isNotFound } from '../base/errors.ts'
import { isActive, see, stateOf, type Seen } from './container.ts'
import { previousName } from './marks.ts'
import type { ReplaceContext } from './replacement.ts'
import { isArmed, settle, type Operation } from './settle.ts'
import { sure } from './sure.ts'

/** What the old container has been through. Filled as far as it got. */
export interface Outage {
  /** Whether anything was done to it. */
  touched?: boolean
  /** When it was asked to stop, on the monotonic clock. */
  stoppedAt?: number
  /** How long nothing ran. */
  downtimeMs?: number
}

const DISARMED = { Name: 'no', MaximumRetryCount: 0 }
const STOP_SLACK = 15_000

/**
 * Steps 5 to 9: disarm, stop and park the old container, name and start the new one. From the first of them on only the
 * roll back leads back.
 */
export async function takeOver(
  context: ReplaceContext,
  old: Seen,
  operation: Operation,
  outage: Outage,
): Promise<void> {
  const { engine, clock, onPhase } = context
  const { containers } = engine
  const { marks, successorId } = operation
  const oldHas = (holds: (seen: Seen) => boolean) => () => holdsFor(context, old.id, holds)
  const newHas = (holds: (seen: Seen) => boolean) => () => holdsFor(context, successorId, holds)
  outage.touched = true
  const removesItself = old.view.HostConfig.AutoRemove

  // A stopped container under "always" comes back when its engine restarts (moby restartmanager.go).
  if (!removesItself && !isArmed(old, DISARMED)) {
    onPhase?.('disarm')
    await disarm(context, old)
  }
  if (isActive(marks.was)) {
    onPhase?.('stop')
    outage.stoppedAt = clock.monotonic()
    // Without `t` and `signal`: the container's own hold. Another signal would let its restart policy bring it back.
    const patience = { headersTimeout: Number(old.view.Config.StopTimeout ?? 10) * 1000 + STOP_SLACK }
    await sure(
      clock,
      () => containers.stop(old.id, {}, patience),
      async () => !(await holdsFor(context, old.id, (seen) => isActive(stateOf(seen)))),
    )
  }
  if (removesItself) {
    await goForward(context, operation)
  } else {
    onPhase?.('park')
    const parked = previousName(marks.name)
    await sure(
      clock,
      () => containers.rename(old.id, parked),
      oldHas((seen) => seen.name === parked),
    )
    onPhase?.('name')
    await sure(
      clock,
      () => containers.rename(successorId, marks.name),
      newHas((seen) => seen.name === marks.name),
    )
    if (!isActive(marks.was)) return
    onPhase?.('start')
    await sure(
      clock,
      () => containers.start(successorId),
      newHas((seen) => stateOf(seen) !== 'created'),
    )
    if (marks.was === 'paused')
      await sure(
        clock,
        () => containers.pause(successorId),
        newHas((seen) => stateOf(seen) === 'paused'),
      )
  }
  if (outage.stoppedAt !== undefined) outage.downtimeMs = Math.round(clock.monotonic() - outage.stoppedAt)
}

async function disarm({ engine, clock }: ReplaceContext, old: Seen): Promise<void> {
  const { containers } = engine
  const reached = async (): Promise<boolean> => {
    const seen = await see(engine, old.id)
    return seen !== undefined && isArmed(seen, DISARMED)
  }
  try {
    await sure(clock, () => containers.update(old.id, { RestartPolicy: DISARMED }), reached)
  } catch (error) {
    // podman 4 has no such call, and no daemon that would start a stopped container by itself.
    if (!isNotFound(error) || (await see(engine, old.id)) === undefined) throw error
  }
}

async function holdsFor({ engine }: ReplaceContext, id: string, holds: (seen: Seen) => boolean): Promise<boolean> {
  const seen = await see(engine, id)
  return seen !== undefined && holds(seen)
}

// The old container is deleted by its own --rm: what recovery does with one that is gone is the only way on.
async function goForward(context: ReplaceContext, operation: Operation): Promise<void> {
  const { engine, clock } = context
  for (let look = 0; look < 50 && (await see(engine, operation.marks.replaces)) !== undefined; look++)
    await clock.sleep(200)
  await settle(context, operation, 'decide')
}
