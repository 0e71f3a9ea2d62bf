import { AbortedError, hasCode, isDockerError, type DockerError } from '../base/errors.ts'
import type { Clock, Random } from '../base/ports.ts'
import { leavable } from '../stream/leavable.ts'
import type { CallOptions, Operation, Wire } from '../wire/call.ts'
import type { Filters } from '../wire/query.ts'
import { Backoff } from './backoff.ts'
import { engineTime } from './engine-time.ts'
import { eventTime, RecentEvents } from './recent-events.ts'
import { engineEvent, type EngineEvent } from './schema/events.ts'

export interface EventsOptions {
  /** Seconds since the epoch with up to nine decimals, or RFC 3339. dockerd remembers its last 256 events. */
  readonly since?: string | number | undefined
  /** The stream ends there. */
  readonly until?: string | number | undefined
  /** `type`, `event`, `container`, `image`, `label`, … */
  readonly filters?: Filters | undefined
}

export interface WatchOptions {
  readonly filters?: Filters | undefined
}

/**
 * Events may have been missed: list anew what is of interest. From this moment on all that happens is told again.
 * It is the first item, and comes after each interruption that the engine's memory does not bridge.
 */
export interface Resync {
  readonly type: 'resync'
  readonly reason: 'start' | 'gap'
  /** What interrupted the watch. */
  readonly cause?: DockerError | undefined
}

export type WatchItem = EngineEvent | Resync

// Nanoseconds. Events of about the same time may come out of order: so much of the past is asked for again.
const REPLAY = 50_000_000n
// Milliseconds.
const REPLAY_PATIENCE = 2000

/** `GET /events`: one connection, as long as it lasts. `until` may be in the past. */
export function events(
  wire: Wire,
  options: EventsOptions,
  call: CallOptions | undefined,
  clock: Pick<Clock, 'now'>,
): AsyncGenerator<EngineEvent, void, undefined> {
  const until = options.until === undefined ? NaN : Number(options.until)
  // A time in RFC 3339, or one that the engine refuses, is not a number.
  const ahead = Number.isNaN(until) ? Date.parse(String(options.until)) / 1000 : until
  if (!(ahead <= clock.now() / 1000 + MARGIN)) return subscription(wire, options, call)
  return leavable((left) => pastEvents(wire, options, { call, left, clock }))
}

// Seconds. Clocks differ a little.
const MARGIN = 2

// podman stops reading its log as soon as `until` is over, which is at once, before it has read a line: it is given a time
// ahead, and told to end with what there is.
async function* pastEvents(
  wire: Wire,
  options: EventsOptions,
  { call, left, clock }: { call: CallOptions | undefined; left: AbortSignal; clock: Pick<Clock, 'now'> },
): AsyncGenerator<EngineEvent, void, undefined> {
  const signal = call?.signal === undefined ? left : AbortSignal.any([call.signal, left])
  const leaving = { ...call, signal }
  if (!(await wire.isPodman(leaving))) {
    yield* subscription(wire, options, leaving)
    return
  }
  const last = nanoseconds(engineTime('until', options.until))
  const until = Math.ceil(clock.now() / 1000) + 2 * MARGIN
  for await (const event of subscription(wire, { ...options, until, stream: false }, leaving))
    if (BigInt(event.timeNano) <= last) yield event
}

function nanoseconds(seconds: string | number | undefined): bigint {
  const [whole = '0', decimals = ''] = String(seconds).split('.')
  return BigInt(whole) * 1_000_000_000n + BigInt(decimals.padEnd(9, '0').slice(0, 9))
}

function subscription(
  wire: Wire,
  options: EventsOptions & { readonly stream?: boolean },
  call?: CallOptions,
  opened?: () => void,
): AsyncGenerator<EngineEvent, void, undefined> {
  const operation = (): Operation => ({
    method: 'GET',
    path: '/events',
    query: { ...options, since: engineTime('since', options.since), until: engineTime('until', options.until) },
    opened,
    call,
  })
  return wire.lines(operation, engineEvent)
}

export interface WatchPorts {
  readonly clock: Clock
  readonly random: Pick<Random, 'fraction'>
}

/** Events for weeks: comes back after every cut, nothing twice, and says where something may be missing. */
export function watchEvents(
  wire: Wire,
  options: WatchOptions,
  call: CallOptions,
  ports: WatchPorts,
): AsyncGenerator<WatchItem, void, undefined> {
  return leavable((left) => {
    const signal = call.signal === undefined ? left : AbortSignal.any([call.signal, left])
    return watch(wire, options, { ...call, signal }, ports)
  })
}

async function* watch(
  wire: Wire,
  { filters }: WatchOptions,
  call: CallOptions,
  { clock, random }: WatchPorts,
): AsyncGenerator<WatchItem, void, undefined> {
  const recent = new RecentEvents()
  const backoff = new Backoff(clock, random)
  let started = false
  let cause: DockerError | undefined
  for (;;) {
    try {
      const since = recent.last === undefined ? undefined : eventTime(recent.last, REPLAY)
      // Not `await using`: where that is compiled away, the error of one round may be thrown again in the next.
      const subscription = await subscribe(wire, { filters, since }, call)
      try {
        if (!(started && (await remembers(subscription.first, recent, clock))))
          yield { type: 'resync', reason: started ? 'gap' : 'start', cause }
        started = true
        cause = undefined
        backoff.succeeded()
        for await (const event of subscription.events) if (recent.add(event)) yield event
      } finally {
        await subscription.leave()
      }
    } catch (error) {
      if (!started || !isCut(error)) throw error
      cause = error
    }
    await backoff.wait(call.signal).catch((reason: unknown) => {
      throw new AbortedError('ABORTED', 'GET /events was aborted by its caller', { cause: reason })
    })
  }
}

interface Subscription {
  /** What it tells first. */
  readonly first: Promise<IteratorResult<EngineEvent, void>>
  readonly events: AsyncIterable<EngineEvent>
  leave(): Promise<void>
}

// Resolves when the engine has answered: from then on it tells all.
async function subscribe(wire: Wire, options: EventsOptions, call: CallOptions): Promise<Subscription> {
  let opened!: () => void
  const open = new Promise<void>((resolve) => {
    opened = resolve
  })
  // A generator that waits for its next event cannot be told to return: its connection is ended under it.
  const leave = new AbortController()
  const signal = call.signal === undefined ? leave.signal : AbortSignal.any([call.signal, leave.signal])
  const stream = subscription(wire, options, { ...call, signal }, opened)
  const first = stream.next()
  first.catch(() => {}) // the reader meets it
  await Promise.race([open, first])
  return {
    first,
    events: rest(first, stream),
    leave: async () => {
      leave.abort()
      await stream.return()
    },
  }
}

async function* rest<T>(
  first: Promise<IteratorResult<T, void>>,
  stream: AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  const { done, value } = await first
  if (done === true) return
  yield value
  yield* stream
}

// The replay begins at the last event or a moment before it, so an engine that still knows it tells at once what was
// seen already. What begins with something else, or with nothing, has lost its memory: by a restart, or because more
// happened than it keeps.
async function remembers(
  first: Promise<IteratorResult<EngineEvent, void>>,
  recent: RecentEvents,
  clock: Pick<Clock, 'sleep'>,
): Promise<boolean> {
  const heard = new AbortController()
  const silence = clock.sleep(REPLAY_PATIENCE, heard.signal).catch(() => {})
  try {
    const result = await Promise.race([first, silence])
    return result?.done === false && recent.has(result.value)
  } finally {
    heard.abort()
  }
}

// What a cut connection or an engine that restarts looks like; a torn last line is a cut, too.
function isCut(error: unknown): error is DockerError {
  return (
    isDockerError(error) &&
    hasCode(
      error,
      'CONNECTION_LOST',
      'ENGINE_ERROR',
      'ENGINE_PERMISSION',
      'ENGINE_UNREACHABLE',
      'PROTOCOL_VIOLATION',
      'TIMEOUT',
    )
  )
}
