import { ConnectionError, InputError, isDockerError, messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/ports.ts'
import { recover, type Recovered } from '../recover.ts'
import { createAlarm, type Alarm } from './alarm.ts'
import { startLine } from './lines.ts'
import {
  INTERVAL,
  JITTER,
  MAX_FAILURES,
  MIN_INTERVAL,
  type ContainerEvent,
  type WatchOptions,
  type WatchPorts,
} from './options.ts'
import { createTicks, type Tick } from './tick.ts'

const FIRST_RETRY = 1000
const LAST_RETRY = 30_000

/**
 * Follows images until the signal fires: at each tick every reference is asked for once, what the registry has is compared
 * with what runs, and what is behind is refreshed. Nothing that was missed while it was down, that could not be pulled or
 * that could not be replaced is lost, for nothing rests on what it remembers.
 *
 * Ends what an earlier run left before its first tick, unless the refreshes are another's.
 *
 * @throws InputError `INPUT_INVALID` for an interval below 30 s; the last error after too many failures in a row
 */
export async function watch(ports: WatchPorts, options: WatchOptions): Promise<void> {
  const { clock, random, log } = ports
  const { signal, interval = INTERVAL, maxFailures = MAX_FAILURES, windows } = options
  if (!(interval >= MIN_INTERVAL))
    throw new InputError('INPUT_INVALID', `the interval must be at least ${MIN_INTERVAL / 1000} s`)
  const ended = new AbortController()
  const alarm = createAlarm(clock, signal)
  const tick = ticking(ports, options)
  log.info(startLine(interval, options.targets))
  void listen(ports, alarm, signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]))
  try {
    let failures = 0
    let left = 0
    while (!hasFired(signal)) {
      const { error, blind, seen } = await attempt(tick)
      if (hasFired(signal)) break
      failures = error === undefined && !blind ? 0 : failures + 1
      options.onTick?.({ tick: seen, error, failures })
      if (failures > 0) log.warn(failureLine(failures, error))
      if (failures >= maxFailures) throw error ?? blindness(failures)
      const regular = interval * (1 - JITTER + 2 * JITTER * random.fraction())
      left = seen !== undefined && ports.trigger === undefined && mayBeLeft(seen) ? left + 1 : 0
      const tries = error === undefined ? left : failures
      const soon = tries === 0 ? regular : Math.min(FIRST_RETRY * 2 ** (tries - 1), LAST_RETRY, regular)
      const opening = windows?.untilOpen(clock.now()) ?? 0
      await alarm.wait(opening > 0 ? Math.min(soon, opening) : soon)
    }
  } finally {
    ended.abort()
  }
  log.info(`image-auto-refresh: stopping (${messageOf(signal?.reason)})`)
}

/** One tick: looks at everything once, and refreshes what is due. @throws ConnectionError without an engine */
export function watchOnce(ports: WatchPorts, options: WatchOptions): Promise<Tick> {
  return ticking(ports, options)()
}

// Recovers before the first tick, and before each that follows one which may have left something unfinished: where
// nothing is due no refresh does it.
function ticking(ports: WatchPorts, options: WatchOptions): () => Promise<Tick> {
  const tick = createTicks(ports, options)
  const tell = teller(ports.log)
  let isWhole = false
  return async () => {
    const recovered =
      isWhole || ports.trigger !== undefined ? [] : await recover({ ...ports, ...scopeOf(options), onRecovered: tell })
    isWhole = false
    const seen = { ...(await tick()), ...(recovered.length === 0 ? {} : { recovered }) }
    isWhole = !mayBeLeft(seen)
    return seen
  }
}

function scopeOf({ gate, selection }: WatchOptions): Pick<WatchOptions, 'gate' | 'selection'> {
  return { gate, selection }
}

// Says of each container what is new, once.
function teller(log: Log): (recovered: Recovered) => void {
  const said = new Map<string, string>()
  return ({ name, outcome, reason = '' }) => {
    const line = `image-auto-refresh: an earlier replacement of ${name}: ${outcome}`
    if (said.get(name) === `${line} ${reason}`) return
    said.set(name, `${line} ${reason}`)
    if (outcome === 'failed') log.warn(`${line}: ${messageOf(reason)}`)
    else log.info(line)
  }
}

/** True when a tick has found, or perhaps left, a replacement that is not at its end. */
function mayBeLeft({ recovered = [], report }: Tick): boolean {
  return (
    [...recovered, ...(report?.recovered ?? [])].some(({ outcome }) => outcome === 'failed' || outcome === 'busy') ||
    report?.containers.some(({ outcome }) => outcome === 'failed') === true
  )
}

function hasFired(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

interface Attempt {
  readonly seen?: Tick | undefined
  readonly blind: boolean
  readonly error?: unknown
}

async function attempt(tick: () => Promise<Tick>): Promise<Attempt> {
  try {
    const seen = await tick()
    return { seen, blind: seen.blind }
  } catch (error) {
    return { error: error ?? new Error('unknown'), blind: false }
  }
}

function failureLine(failures: number, error: unknown): string {
  const why = error === undefined ? 'no registry could be asked' : messageOf(error)
  return `image-auto-refresh: tick failed, ${failures} in a row: ${why}`
}

function blindness(failures: number): ConnectionError {
  return new ConnectionError('REGISTRY_UNAVAILABLE', `no registry could be asked in ${failures} ticks in a row`)
}

// Events make it quicker, nothing rests on them: when they cannot be had, the ticks go on.
async function listen(ports: WatchPorts, alarm: Alarm, signal: AbortSignal): Promise<void> {
  const { events, clock, log } = ports
  if (events === undefined) return
  let said = ''
  while (!signal.aborted) {
    try {
      for await (const event of events(signal)) if (appears(event)) alarm.ring()
    } catch (error) {
      const why = isDockerError(error) ? error.code : messageOf(error)
      if (!signal.aborted && why !== said) log.warn(`image-auto-refresh: no events of the engine: ${messageOf(error)}`)
      said = why
    }
    await clock.sleep(LAST_RETRY, signal).catch(() => {})
  }
}

function appears({ Action, type, reason }: ContainerEvent): boolean {
  return Action === 'create' || Action === 'start' || (type === 'resync' && reason !== 'start')
}
