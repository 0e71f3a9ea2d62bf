import type { Clock, Log } from '../base/ports.ts'
import { startDeadline } from '../base/deadline.ts'
import { messageOf } from '../base/errors.ts'
import type { Found, Reaping } from './backend.ts'
import { isLikelyWorkspaceId } from './names.ts'
import type { InstanceStore } from './store/store.ts'

/** What a sweep works with. */
export interface SweepPorts {
  readonly reaper: Reaping
  readonly store: Pick<InstanceStore, 'removedWith' | 'knownOf' | 'isEmpty'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
}

export interface SweepOptions {
  /** Mark of this platform: what bears another, or none, is not reaped for want of a row. */
  readonly instance: string
  /** Milliseconds that something without a row must have been there; default 10 minutes. */
  readonly minAge?: number | undefined
  /** Sweeps in a row that must find it without a row; default 2. */
  readonly confirmations?: number | undefined
  /** Workspaces without a row that one sweep may reap; default 5. */
  readonly maxReaped?: number | undefined
  /** Reap even when the store has no row at all, which is how a wrong database looks. */
  readonly allowEmptyStore?: boolean | undefined
  /** Tell and do nothing. */
  readonly dryRun?: boolean | undefined
  /** Milliseconds for each of the three passes; default 30,000. */
  readonly passTimeout?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** One workspace that a sweep dealt with. */
export interface SweepItem {
  readonly id: string
  /** Why: its row says removed, it has no row, or only its volumes are left. */
  readonly pass: Pass
  readonly outcome: 'reaped' | 'would-reap' | 'waiting' | 'failed'
  readonly reason?: string | undefined
}

export interface SweepReport {
  readonly items: readonly SweepItem[]
  /** Passes that could not be made, and why. */
  readonly skipped: readonly { readonly pass: Pass; readonly reason: string }[]
}

export type Pass = 'removed' | 'unknown' | 'volumes'

/** How often in a row each workspace was found without a row: what one sweep leaves to the next. */
export type Sightings = Map<string, number>

const MIN_AGE = 10 * 60_000
const CONFIRMATIONS = 2
const MAX_REAPED = 5
const PASS_TIMEOUT = 30_000

type Setting = SweepPorts & SweepOptions & { readonly signal: AbortSignal; readonly cycle: Cycle }

/** What the passes of one sweep have in common. */
interface Cycle {
  readonly before: Sightings
  readonly seen: Sightings
  reaped: number
}

/**
 * Reaps what removed workspaces left on the engine, in three passes that do not mind each other: containers whose row
 * says removed; marked containers of this platform without any row; and volumes of either kind without a container.
 */
export async function sweepOnce(ports: SweepPorts, options: SweepOptions, sightings: Sightings): Promise<SweepReport> {
  const items: SweepItem[] = []
  const skipped: { pass: Pass; reason: string }[] = []
  const cycle: Cycle = { before: sightings, seen: new Map(), reaped: 0 }
  const passes: readonly [Pass, (setting: Setting) => Promise<SweepItem[]>][] = [
    ['removed', (setting) => sweepRemoved(setting, 'removed', () => ports.reaper.named(setting))],
    ['unknown', (setting) => sweepUnknown(setting, 'unknown', () => ports.reaper.labelled(setting))],
    ['volumes', sweepVolumes],
  ]
  for (const [pass, run] of passes) {
    using deadline = startDeadline(options.passTimeout ?? PASS_TIMEOUT, options.signal)
    const { signal } = deadline
    try {
      items.push(...(await run({ ...ports, ...options, signal, cycle })))
    } catch (error) {
      skipped.push({ pass, reason: messageOf(error) })
      ports.log.warn('a pass of the sweep was skipped', { pass, error: messageOf(error) })
    }
  }
  // A pass that was skipped saw nothing, so nothing of it is confirmed.
  sightings.clear()
  for (const [key, times] of cycle.seen) sightings.set(key, times)
  return { items, skipped }
}

async function sweepRemoved(setting: Setting, pass: Pass, find: () => Promise<Found[]>): Promise<SweepItem[]> {
  const found = candidates(await find()).filter(
    ({ instance }) => instance === undefined || instance === setting.instance,
  )
  const keys = keysOf(found)
  if (keys.length === 0) return []
  const items: SweepItem[] = []
  for (const id of await setting.store.removedWith(keys)) items.push(await reap(setting, pass, id))
  return items
}

async function sweepUnknown(setting: Setting, pass: Pass, find: () => Promise<Found[]>): Promise<SweepItem[]> {
  const own = candidates(await find()).filter(({ instance }) => instance === setting.instance)
  const keys = keysOf(own)
  if (keys.length === 0) return []
  const known = new Set(await setting.store.knownOf(keys))
  const unknown = keys.filter((key) => !known.has(key))
  if (unknown.length === 0) return []
  if (setting.allowEmptyStore !== true && (await setting.store.isEmpty()))
    throw new Error(
      'the store has no workspace at all, as a wrong database would: --allow-empty-store reaps all the same',
    )

  const items: SweepItem[] = []
  const { before, seen } = setting.cycle
  for (const key of unknown) {
    const sighting = `${pass} ${key}`
    const times = (before.get(sighting) ?? 0) + 1
    seen.set(sighting, times)
    const wait = reasonToWait(
      setting,
      own.filter((found) => found.key === key),
      times,
    )
    if (wait === undefined) setting.cycle.reaped++
    items.push(
      wait === undefined ? await reap(setting, pass, key) : { id: key, pass, outcome: 'waiting', reason: wait },
    )
  }
  return items
}

function reasonToWait(
  { clock, cycle, minAge = MIN_AGE, confirmations = CONFIRMATIONS, maxReaped = MAX_REAPED }: Setting,
  found: readonly Found[],
  times: number,
): string | undefined {
  const age = clock.now() - Math.max(...found.map(({ createdAt }) => createdAt))
  if (age < minAge) return 'it is too young'
  if (times < confirmations) return `seen without a row ${times} of ${confirmations} times`
  return cycle.reaped >= maxReaped ? `this sweep has reaped ${maxReaped} already` : undefined
}

async function sweepVolumes(setting: Setting): Promise<SweepItem[]> {
  const found = await setting.reaper.unusedVolumes(setting)
  const removed = await sweepRemoved(setting, 'volumes', async () => found)
  const done = new Set(removed.map(({ id }) => id))
  const rest = found.filter(({ key }) => ![...done].some((id) => id.startsWith(key)))
  return [...removed, ...(await sweepUnknown(setting, 'volumes', async () => rest))]
}

/** Its container first; its volumes only when that is gone for certain. */
async function reap(setting: Setting, pass: Pass, id: string): Promise<SweepItem> {
  const { reaper, log, dryRun, signal } = setting
  if (dryRun === true) return { id, pass, outcome: 'would-reap' }
  try {
    await reaper.stop(id, { signal })
    await reaper.removeVolumes(id, { signal })
    log.info('reaped what a workspace had left', { id, pass })
    return { id, pass, outcome: 'reaped' }
  } catch (error) {
    log.warn('cannot reap what a workspace has left', { id, pass, error: messageOf(error) })
    return { id, pass, outcome: 'failed', reason: messageOf(error) }
  }
}

function candidates(found: readonly Found[]): Found[] {
  return found.filter(({ key }) => isLikelyWorkspaceId(key))
}

function keysOf(found: readonly Found[]): string[] {
  return [...new Set(found.map(({ key }) => key))]
}
