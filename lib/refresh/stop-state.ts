// Whether a stop that somebody asked for is still at work. No inspect of dockerd tells: until its process has ended, a
// container is shown as running, a start of it is answered 304, and then it ends all the same.
import { isDockerError } from '../base/errors.ts'
import { objectAt, textAt } from '../base/json.ts'
import type { EngineEvent } from '../engine/schema/events.ts'
import type { RefreshEngine, Seen } from './container.ts'
import { isOfPodman } from './successor/podman.ts'
import { signalNumber } from './successor/signal.ts'

const SIGKILL = 9
// Milliseconds.
const PATIENCE = 5000

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
  const own = signalNumber(textAt(objectAt(seen.raw, 'Config'), 'StopSignal'))
  let signalled: EngineEvent | undefined
  let now: number
  try {
    now = Date.parse((await engine.info()).SystemTime ?? '')
    if (Number.isNaN(now)) return { kind: 'unknown' }
    // In seconds, for dockerd understands no other time here. A memory that ends in the past is told without waiting.
    const since = Math.floor(Date.parse(seen.view.Created) / 1000)
    const until = (now / 1000).toFixed(3)
    const filters = { type: ['container'], container: [seen.id] }
    for await (const event of engine.system.events({ since, until, filters }, { timeout: PATIENCE })) {
      const signal = Number(event.Actor.Attributes['signal'])
      if (event.Action === 'kill' && [own, SIGKILL].includes(signal)) signalled = event
      if (event.Action === 'die' || event.Action === 'start') signalled = undefined
    }
  } catch (error) {
    // A proxy before the socket may not let this through, or the engine is away: a look at the container waits for it.
    if (!isDockerError(error)) throw error
    return { kind: 'unknown' }
  }
  if (signalled === undefined) return { kind: 'none' }
  return { kind: 'in flight', forMs: now - Number(BigInt(signalled.timeNano) / 1_000_000n) }
}

// podman 4 says "stopping"; podman 5 says "running" and that it does not run.
function isStopping({ raw }: Seen): boolean {
  const { Status, Running } = objectAt(raw, 'State')
  return Status === 'stopping' || (Status === 'running' && Running === false)
}
