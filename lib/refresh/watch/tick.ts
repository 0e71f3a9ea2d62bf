import pMap from 'p-map'

import { hasCode, messageOf, printable, type ErrorCode } from '../../base/errors.ts'
import { formatReference } from '../../base/reference.ts'
import { findCandidates, targetsOf } from '../candidates.ts'
import type { Unreadable } from '../container.ts'
import { localReader } from '../local.ts'
import { enginePlatform } from '../platform.ts'
import type { Recovered } from '../recover.ts'
import { refresh } from '../refresh.ts'
import type { RefreshReport } from '../report.ts'
import type { Target } from '../target.ts'
import { learnFrom } from './learn.ts'
import { doneLine, movedLine, summaryLine, troubleLines } from './lines.ts'
import { look, type Look, type Verdict } from './look.ts'
import { Memory } from './memory.ts'
import type { Trigger, WatchOptions, WatchPorts } from './options.ts'

/** What one tick saw and did. */
export interface Tick {
  readonly images: readonly WatchedImage[]
  /** Of the refresh, when something was due. */
  readonly report?: RefreshReport | undefined
  /** Operations that an earlier run, or an earlier tick, had left unfinished, when there were any. */
  readonly recovered?: readonly Recovered[] | undefined
  /** True when no registry could be asked for anything. */
  readonly blind: boolean
}

export interface WatchedImage {
  /** The whole, normalised reference. */
  readonly ref: string
  readonly target: string
  /** As at the beginning of the tick: what was `due` has been refreshed since. */
  readonly verdict: Verdict
  /** The registry's. */
  readonly digest: string | null
  readonly reason?: string | undefined
  readonly code?: ErrorCode | undefined
}

const LOOKS_AT_ONCE = 16
// An image that is not there, and a registry that asks for patience, are no failure of the watch.
const EXPECTED: ReadonlySet<ErrorCode | undefined> = new Set(['NOT_FOUND', 'NO_PLATFORM', 'RATE_LIMITED'])

/** Makes the function that looks at everything once and refreshes what is due. */
export function createTicks(ports: WatchPorts, options: WatchOptions): () => Promise<Tick> {
  const memories = new Map<string, Memory>()
  const { engine, clock, log } = ports
  let ownPlatform: string | undefined
  const unreadable = new Set<string>()
  const tellOnce = ({ id, reason }: Unreadable): void => {
    if (!unreadable.has(id)) log.warn(`image-auto-refresh: passed over: ${printable(reason)}`)
    unreadable.add(id)
  }

  const lookAt = async (): Promise<Look[]> => {
    const candidates = await findCandidates(engine, options.selection, tellOnce)
    const targets = followed(options.targets.length > 0 ? options.targets : targetsOf(candidates))
    for (const ref of memories.keys()) if (!targets.has(ref)) memories.delete(ref)
    ownPlatform ??= enginePlatform(await engine.info())
    const platform = options.platform ?? ownPlatform
    const context = { ...ports, ...options, platform, read: localReader(engine, candidates) }
    return pMap(targets, ([ref, target]) => look(context, target, remembered(memories, ref)), {
      concurrency: LOOKS_AT_ONCE,
    })
  }

  return async () => {
    const isOpen = options.windows?.isOpen(clock.now()) ?? true
    const looks = (await lookAt()).map((one) => (one.verdict === 'due' && !isOpen ? { ...one, ...CLOSED } : one))
    for (const one of looks) tell(ports, one, remembered(memories, formatReference(one.target.ref)))
    const due = looks.filter(({ verdict }) => verdict === 'due')
    const images = looks.map(watchedImage)
    const asked = images.filter(({ verdict }) => verdict !== 'absent')
    const blind = asked.length > 0 && asked.every(({ verdict, code }) => verdict === 'unknown' && !EXPECTED.has(code))
    if (due.length === 0) return { images, blind }

    const begun = clock.monotonic()
    const report = await runRefresh(ports, options, due)
    if (report === undefined) return { images, blind }
    log.info(doneLine(report))
    for (const line of troubleLines(report)) log.warn(line)
    for (const one of due)
      learnFrom(report, one, remembered(memories, formatReference(one.target.ref)), begun, options.interval)
    return { images, blind, report }
  }
}

const CLOSED = { verdict: 'closed', reason: 'it waits for a window' } as const

// Each distinct reference once. A digest never moves.
function followed(targets: readonly Target[]): Map<string, Target> {
  const all = targets.filter(({ ref }) => ref.digest === undefined)
  return new Map(all.map((target) => [formatReference(target.ref), target]))
}

function remembered(memories: Map<string, Memory>, ref: string): Memory {
  const memory = memories.get(ref) ?? new Memory()
  memories.set(ref, memory)
  return memory
}

async function runRefresh(
  ports: WatchPorts,
  options: WatchOptions,
  due: readonly Look[],
): Promise<RefreshReport | undefined> {
  const trigger = ports.trigger ?? ownTrigger(ports, options, due)
  try {
    return await trigger(
      due.map(({ target }) => target),
      options.signal,
    )
  } catch (error) {
    if (!hasCode(error, 'BUSY')) throw error
    ports.log.info('image-auto-refresh: another refresh is running, the next tick looks again')
    return undefined
  }
}

function ownTrigger(ports: WatchPorts, options: WatchOptions, due: readonly Look[]): Trigger {
  return async (targets) => {
    const report = await refresh(ports, { ...options, targets })
    ports.log.info(
      summaryLine(
        report,
        due.flatMap(({ remote }) => remote?.source ?? []),
      ),
    )
    return report
  }
}

function watchedImage({ target, verdict, remote, reason, code }: Look): WatchedImage {
  const known = { ref: formatReference(target.ref), target: target.label, verdict, digest: remote?.digest ?? null }
  return { ...known, ...(reason === undefined ? {} : { reason }), ...(code === undefined ? {} : { code }) }
}

// Says what is new, once.
function tell({ log }: WatchPorts, one: Look, memory: Memory): void {
  const { target, verdict, remote, behind, local, reason, code } = one
  const before = memory.said
  memory.said = `${verdict} ${code ?? remote?.digest ?? ''}`
  if (verdict === 'due' && remote !== undefined) {
    const [id, pulled = id] = behind[0]?.digests ?? local.image?.digests ?? []
    log.info(movedLine(target.label, pulled, remote.digest))
    return
  }
  if (memory.said === before) return
  const label = printable(target.label, 300)
  if (verdict === 'unknown' && code !== 'NO_PLATFORM')
    log.warn(`image-auto-refresh: ${label} digest fetch failed: ${messageOf(reason)}`)
  else if (reason !== undefined) log.info(`image-auto-refresh: ${label}: ${reason}`)
  else if (before.startsWith('unknown')) log.info(`image-auto-refresh: ${label} digest fetch works again`)
}
