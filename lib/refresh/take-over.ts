import { RefreshError, isNotFound, isUncertain } from '../base/errors.ts'
import { reconnect, startConnected } from './connections.ts'
import { isActive, see, stateOf, type Seen } from './container.ts'
import { runHook, type HookMoment } from './hooks.ts'
import { stopSurely } from './end.ts'
import { previousName } from './marks.ts'
import type { Attempt, ReplaceContext } from './replacement.ts'
import { DISARMED, isArmed, settle } from './settle.ts'
import { sure } from './sure.ts'

const TRIES = 3

/**
 * Steps 5 to 9: disarm, stop and park the old containers, name and start the new ones. From the first of them on only the
 * roll back leads back. In a group those that share stop before, and start after, the one they share with.
 */
export async function takeOver(context: ReplaceContext, attempts: readonly Attempt[]): Promise<void> {
  for (const attempt of attempts) await disarm(context, attempt)
  for (const attempt of attempts.toReversed()) await stop(context, attempt)
  const [only] = attempts
  // One that does not run is not stopped, and so does not go by itself.
  if (only?.old.view.HostConfig.AutoRemove === true && isActive(only.member.marks.was)) {
    await goForward(context, only)
  } else {
    for (const attempt of attempts) await rename(context, attempt)
    for (const attempt of attempts) await start(context, attempt)
  }
  const now = context.clock.monotonic()
  for (const attempt of attempts)
    if (attempt.stoppedAt !== undefined) attempt.downtimeMs ??= Math.round(now - attempt.stoppedAt)
}

/** Step 5. A stopped container under "always" comes back when its engine restarts (moby restartmanager.go). */
export async function disarm(
  context: Pick<ReplaceContext, 'engine' | 'clock' | 'onPhase'>,
  { old }: Pick<Attempt, 'old'>,
): Promise<void> {
  const { engine, clock, onPhase } = context
  if (old.view.HostConfig.AutoRemove || isArmed(old, DISARMED)) return
  onPhase?.(old.name, 'disarm')
  for (let tries = 1; ; tries++) {
    try {
      await sure(
        clock,
        () => engine.containers.update(old.id, { RestartPolicy: DISARMED }),
        has(context, old.id, (seen) => isArmed(seen, DISARMED)),
      )
      return
    } catch (error) {
      // podman 4 has no such call, and no daemon that would start a stopped container by itself.
      if (isNotFound(error) && (await see(engine, old.id)) !== undefined) return
      // dockerd 28 says 500 for one that crashes and has not been restarted yet: "cannot update a stopped container".
      if (!isUncertain(error) || tries === TRIES) throw error
    }
  }
}

/** Step 6. Without `signal`: with another one than its own its policy would bring the container back. */
export async function stop(context: ReplaceContext, attempt: Attempt): Promise<void> {
  const { old, member } = attempt
  if (!isActive(member.marks.was)) return
  if (member.marks.was === 'running') await hook(context, attempt, old, 'pre-stop')
  context.onPhase?.(old.name, 'stop')
  attempt.stoppedAt = context.clock.monotonic()
  await stopSurely(context, old)
}

/** Steps 7 and 8. */
export async function rename(context: ReplaceContext, { old, member: { marks, successorId } }: Attempt): Promise<void> {
  const { engine, clock, onPhase } = context
  const now = await see(engine, old.id)
  if (now !== undefined && now.name !== marks.name)
    throw new RefreshError('BUSY', `somebody has renamed it to ${now.name} meanwhile, and has it back as it was`)
  onPhase?.(old.name, 'park')
  const parked = previousName(marks.name)
  await sure(
    clock,
    () => engine.containers.rename(old.id, parked),
    has(context, old.id, (seen) => seen.name === parked),
  )
  onPhase?.(old.name, 'name')
  await sure(
    clock,
    () => engine.containers.rename(successorId, marks.name),
    has(context, successorId, (seen) => seen.name === marks.name),
  )
}

/** Step 9: as the old one was, running or paused or not at all. `again` for one that an engine may have tried to start. */
export async function start(context: ReplaceContext, attempt: Attempt, again = false): Promise<void> {
  const { engine, clock, onPhase } = context
  const { old, member } = attempt
  const { marks, successorId } = member
  if (!isActive(marks.was)) return
  onPhase?.(old.name, 'start')
  if (again) await reconnect(context, successorId, marks.networks)
  await sure(
    clock,
    () => startConnected(context, successorId, marks.networks),
    has(context, successorId, (seen) => stateOf(seen) !== 'created'),
  )
  if (attempt.stoppedAt !== undefined) attempt.downtimeMs = Math.round(clock.monotonic() - attempt.stoppedAt)
  if (marks.was === 'paused') {
    await sure(
      clock,
      () => engine.containers.pause(successorId),
      has(context, successorId, (seen) => stateOf(seen) === 'paused'),
    )
  }
}

/** Runs a hook where hooks are on and the container asks for one. @throws RefreshError `HOOK_FAILED` */
export async function hook({ hooks }: ReplaceContext, attempt: Attempt, seen: Seen, moment: HookMoment): Promise<void> {
  const ran = hooks === undefined ? undefined : await runHook(hooks, seen, moment)
  if (ran !== undefined) attempt.hooks.push(ran)
}

function has(
  { engine }: Pick<ReplaceContext, 'engine'>,
  id: string,
  holds: (seen: Seen) => boolean,
): () => Promise<boolean> {
  return async () => {
    const seen = await see(engine, id)
    return seen !== undefined && holds(seen)
  }
}

// The old container is deleted by its own --rm: what recovery does with one that is gone is the only way on.
async function goForward(context: ReplaceContext, { old, member }: Attempt): Promise<void> {
  await vanishes(context, old.id)
  if ((await settle(context, [member], 'decide')) === 'rolled-back')
    throw new RefreshError('ROLLED_BACK', 'the old container was stopped and did not go, although it has --rm')
}

/** Waits for a container that goes by itself. False when it is still there after 10 seconds. */
export async function vanishes(
  { engine, clock }: Pick<ReplaceContext, 'engine' | 'clock'>,
  id: string,
): Promise<boolean> {
  for (let look = 0; look < 50; look++) {
    if ((await see(engine, id)) === undefined) return true
    await clock.sleep(200)
  }
  return false
}
