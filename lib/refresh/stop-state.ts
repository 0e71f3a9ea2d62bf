// Whether a stop that somebody asked for is still at work. No inspect of dockerd tells: until its process has ended, a
// container is shown as running, a start of it is answered 304, and then it ends all the same.
import { hasCode } from '../base/errors.ts'
import { objectAt, textAt } from '../base/json.ts'
import type { EngineEvent } from '../engine/schema/events.ts'
import type { RefreshEngine, Seen } from './container.ts'
import { isOfPodman } from './successor/podman.ts'
import { signalNumber } from './successor/signal.ts'

const SIGKILL = 9

/** What is known of a stop of a container that has not ended. */
export type StopState =
  | { readonly kind: 'none' }
  /** Asked for so many milliseconds ago; `undefined` when the engine does not tell. */
  | { readonly kind: 'in flight'; readonly forMs: number | undefined }
  /** The engine cannot be asked. */
  | { readonly kind: 'unknown' }

/** Asks an engine whether a container that has not ended is being stopped. */
export async function stopStateOf(engine: RefreshEngine, seen: Seen): Promise<StopState> {
  if (isOfPodman(seen.raw)) return isStopping(seen) ? { kind: 'in flight', forMs: undefined } : { kind: 'none' }
  if (engine.system === undefined) return { kind: 'unknown' }
  const { SystemTime } = await engine.info()
  if (SystemTime === undefined) return { kind: 'unknown' }
  const filters = { type: ['container'], container: [seen.id] }
  const own = signalNumber(textAt(objectAt(seen.raw, 'Config'), 'StopSignal'))
  let signalled: EngineEvent | undefined
  try {
    const since = seen.view.Created
    for await (const event of engine.system.events({ since, until: SystemTime, filters })) {
      if (event.Action === 'kill' && [own, SIGKILL].includes(Number(event.Actor.Attributes['signal'])))
        signalled = event
      if (event.Action === 'die' || event.Action === 'start') signalled = undefined
    }
  } catch (error) {
    // A proxy before the socket may not let this one through.
    if (!hasCode(error, 'FORBIDDEN', 'NOT_FOUND')) throw error
    return { kind: 'unknown' }
  }
  if (signalled === undefined) return { kind: 'none' }
  return { kind: 'in flight', forMs: Date.parse(SystemTime) - Number(BigInt(signalled.timeNano) / 1_000_000n) }
}

// podman 4 says "stopping"; podman 5 says "running" and that it does not run.
function isStopping({ raw }: Seen): boolean {
  const { Status, Running } = objectAt(raw, 'State')
  return Status === 'stopping' || (Status === 'running' && Running === false)
}
