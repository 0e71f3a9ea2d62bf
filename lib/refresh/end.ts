import { RefreshError, hasCode, isUncertain, isUnreachable } from '../base/errors.ts'
import { staysDown } from './crash-loop.ts'
import { isActive, longestStop, see, stateOf, stopPatience, type Seen } from './container.ts'
import { halt } from './halt.ts'
import type { SettleContext } from './settle.ts'
import { stopStateOf } from './stop-state.ts'
import { sure } from './sure.ts'

type EndContext = Pick<SettleContext, 'engine' | 'clock' | 'onWait'>

const TRIES = 3
// Of one that a restart policy starts again and again.
const STOPS = 20
// Looks that must find no stop under way until it is taken for one that never reached the engine.
const QUIET = 4
const FIRST_PAUSE = 300
const LONGEST_PAUSE = 5000
// What ends is not shown as ended in the same moment.
const SETTLING = 50

/**
 * Stops a container, with its own patience, and returns once it is seen to have ended. Where the answer is lost, or does
 * not come in time, the stop may be under way all the same: it is waited for, and asked for again only where the engine
 * knows of none. podman answers "not running" to a stop between two runs, and the next run begins all the same: the stop is
 * asked for again until the container stays down.
 *
 * @throws RefreshError `IN_FLIGHT` when it has not ended after a long time, else as `sure`
 */
export async function stopSurely(context: EndContext, container: Seen): Promise<void> {
  for (let stops = 1; !(await stopOnce(context, container)) && stops < STOPS; stops++) {
    if (await staysDown(context, container)) return
  }
}

/**
 * Stops what its restart policy starts again and again, where that policy cannot be lifted.
 *
 * @returns the id
 * @throws as `stopSurely`
 */
export async function endLoop(context: EndContext, id: string): Promise<string> {
  const seen = (await staysDown(context, { id })) ? undefined : await see(context.engine, id)
  if (seen !== undefined) await stopSurely(context, seen)
  return id
}

// False when it is not known that the container ended by this stop.
async function stopOnce(context: EndContext, container: Seen): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await halt(
        context.engine.containers,
        container.id,
        stopPatience(container),
        container.view.Config.StopTimeout,
      )
    } catch (error) {
      if (!isUncertain(error) && !isUnreachable(error)) throw error
      const inDoubt = hasCode(error, 'CONNECTION_LOST', 'TIMEOUT') ? 'wait' : 'go on'
      if (await hasEnded(context, container, inDoubt)) return false
      if (tries === TRIES || hasCode(error, 'ENGINE_ERROR')) throw error
    }
  }
}

/**
 * Waits for a stop of a container that may be under way. False when the container runs and nobody is stopping it.
 *
 * @param inDoubt what to do where the engine does not tell whether somebody is
 * @throws RefreshError `IN_FLIGHT` when it has not ended after a long time
 */
export async function hasEnded(context: EndContext, { id, name }: Seen, inDoubt: 'wait' | 'go on'): Promise<boolean> {
  const { engine, clock, onWait } = context
  const begun = clock.monotonic()
  let quiet = 0
  let told = false
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const seen = await see(engine, id)
    if (seen === undefined || !isActive(stateOf(seen))) return true
    const stop = await stopStateOf(engine, seen)
    if (stop.kind === 'none' || (stop.kind === 'unknown' && inDoubt === 'go on')) {
      if (++quiet === QUIET) return false
      await clock.sleep(pause)
    } else {
      quiet = 0
      if (!told) onWait?.(name, 'stop')
      told = true
      const forMs = (stop.kind === 'in flight' ? stop.forMs : undefined) ?? clock.monotonic() - begun
      if (forMs > longestStop(seen)) throw inFlight(name, id, forMs)
      await endOrPause(context, id, pause)
    }
  }
}

function inFlight(name: string, id: string, forMs: number): RefreshError {
  const seconds = Math.round(forMs / 1000)
  const message = `${name} (${id.slice(0, 12)}) was asked to stop ${seconds} s ago and has not ended: its engine may still end it`
  return new RefreshError('IN_FLIGHT', message, { facts: { name, id } })
}

// Sees the end at once where the engine tells, and looks again after a while in any case.
async function endOrPause({ engine, clock }: EndContext, id: string, pause: number): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  const rest = clock.sleep(pause, signal)
  const ended = engine.containers.wait(id, {}, { signal }).then(
    () => clock.sleep(SETTLING),
    () => rest,
  )
  try {
    await Promise.race([ended, rest])
  } finally {
    rest.catch(() => {})
    over.abort(new Error('looked enough'))
  }
}

/** Removes a container that is stopped, never its volumes. @throws as `sure` */
export function removeSurely({ engine, clock }: EndContext, id: string): Promise<void> {
  return sure(
    clock,
    () => engine.containers.remove(id),
    async () => (await see(engine, id)) === undefined,
  )
}
