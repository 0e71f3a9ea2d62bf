// The first container of an image: which one it is, and what its failure says of the image.
import type { Random } from '../base/ports.ts'
import { printable } from '../base/errors.ts'
import { isOfEngine, isOwnFailure } from './cause.ts'
import { isActive, stateOf, type Seen } from './container.ts'
import type { Move } from './move.ts'
import { ownSettings } from './own-settings.ts'
import { readProbe } from './probe.ts'
import type { ContainerReport } from './report.ts'

/** How an image has done in this refresh. It lasts over all steps in which containers of the image move. */
export interface Trial {
  /** A container runs it, and has proved itself. */
  proved: boolean
  /** The canaries that failed, in their order. */
  readonly failed: { readonly move: Move; readonly report: ContainerReport }[]
}

/** An image of which nothing is known yet. */
export function newTrial(): Trial {
  return { proved: false, failed: [] }
}

// So many containers of an image may have been down for nothing.
const MOST_FAILURES = 2

/**
 * Takes the next canary out of what is left: one that runs, and with a health check or a probe where there is one, for
 * those prove most. Among equals chance decides, so that it is not always the same that bears the risk. After a canary
 * that failed by itself only one with other settings of its own is a canary: `undefined` when there is none.
 */
export function takeCanary(left: Move[], { failed }: Trial, random: Pick<Random, 'fraction'>): Move | undefined {
  const own = new Set(failed.filter(({ report }) => isOwnFailure(report.cause)).map(({ move }) => settingsOf(move)))
  const able = own.size === 0 ? left : left.filter((move) => !own.has(settingsOf(move)))
  const best = Math.min(...able.map(rank))
  const equal = able.filter((move) => rank(move) === best)
  const canary = equal[Math.floor(random.fraction() * equal.length)]
  if (canary !== undefined) left.splice(left.indexOf(canary), 1)
  return canary
}

function rank(move: Move): number {
  const running = move.filter(({ seen }) => isActive(stateOf(seen)))
  if (running.length === 0) return 2
  return running.some(({ seen }) => isChecked(seen)) ? 0 : 1
}

function isChecked({ view }: Seen): boolean {
  const [kind = 'NONE'] = view.Config.Healthcheck?.Test ?? []
  return kind !== 'NONE' || readProbe(view.Config.Labels) !== undefined
}

/** True when a container has the own settings of a canary that failed by itself: it would fail as well. */
export function failsAlike(move: Move, { failed }: Trial): boolean {
  return failed.some(({ move: other, report }) => isOwnFailure(report.cause) && settingsOf(other) === settingsOf(move))
}

function settingsOf(move: Move): string {
  return ownSettings(move.map(({ seen }) => seen))
}

/**
 * Whether the others are left alone now. They are where the cause would meet the next one as well (the engine's disk, a
 * lost call), where an operation stays open, and after two containers that were down for nothing.
 */
export function isOver({ failed }: Trial): boolean {
  const down = failed.filter(({ report }) => report.outcome === 'rolled-back')
  const open = failed.some(({ report }) => report.outcome === 'failed' && report.cause !== 'create-refused')
  return open || down.length >= MOST_FAILURES || failed.some(({ report }) => isOfEngine(report.cause))
}

/** Why the others of the image are left alone: which canary failed, of what, and the way out. */
export function canaryFailed({ failed }: Trial): string {
  const failures = failed.map(({ report: { name, reason = '', outcome } }) => {
    const what = outcome === 'rolled-back' ? 'was rolled back' : 'could not be moved'
    return `${name} ${what} (${printable(reason, 160)})`
  })
  const blamed = failed.some(({ report }) => isOwnFailure(report.cause))
  const way = blamed
    ? 'push another image, or try this one again with --retry (over HTTP retry=true)'
    : 'mend that, and refresh again'
  return `canary failed: ${failures.join('; ')}: ${way}`
}
