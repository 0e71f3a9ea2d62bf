import { clearScreenDown, moveCursor } from 'node:readline'

import { printable } from '../base/errors.ts'
import type { ContainerReport, ImageReport, RefreshEvent } from '../refresh/report.ts'
import { bytes, duration, plain } from './text.ts'

/** Shows the events of a refresh. */
export interface Progress {
  show(event: RefreshEvent): void
  /** Leaves the terminal as it found it. */
  end(): void
}

/** Bars on a terminal, plain lines elsewhere, nothing when quiet. */
export function createProgress(stderr: NodeJS.WriteStream, quiet: boolean): Progress {
  if (quiet) return { show: () => {}, end: () => {} }
  return stderr.isTTY ? terminalProgress(stderr) : plainProgress(stderr)
}

function plainProgress(stderr: NodeJS.WritableStream): Progress {
  return {
    show: (event) => {
      const line = lineOf(event)
      if (line !== undefined) stderr.write(`${plain(line)}\n`)
    },
    end: () => {},
  }
}

const TOLD: ReadonlySet<string> = new Set(['stop', 'roll back', 'wait for stop', 'wait for engine'])

/** The lasting line of an event; pulls in progress and single steps have none. */
function lineOf(event: RefreshEvent): string | undefined {
  switch (event.type) {
    case 'image':
      return imageLine(event.image)
    case 'container':
      return containerLine(event.container)
    case 'recovered': {
      const { name, outcome, reason } = event.recovered
      return `${name}: an earlier replacement was ${outcome}${reason === undefined ? '' : ` (${printable(reason)})`}`
    }
    case 'phase':
      return TOLD.has(event.phase) ? `${event.name}: ${event.phase}` : undefined
    default:
      return undefined
  }
}

function imageLine({ target, outcome, bytes: size, error }: ImageReport): string {
  const detail = error === undefined ? (size === 0 ? '' : ` (${bytes(size)})`) : `: ${printable(error.message)}`
  return `${target}: ${outcome === 'updated' ? 'pulled' : outcome}${detail}`
}

function containerLine({ name, outcome, reason, downtimeMs }: ContainerReport): string {
  const down = downtimeMs === undefined ? '' : `, ${duration(downtimeMs)} down`
  return `${name}: ${outcome}${down}${reason === undefined ? '' : `: ${printable(reason)}`}`
}

const BAR = 24
const REDRAW_MS = 100

interface Bar {
  current: number
  total: number
  readonly begun: number
}

function terminalProgress(stderr: NodeJS.WriteStream): Progress {
  const pulls = new Map<string, Bar>()
  const phases = new Map<string, string>()
  let drawn = 0
  let drawnAt = 0

  const erase = (): void => {
    if (drawn > 0) moveCursor(stderr, 0, -drawn)
    clearScreenDown(stderr)
    drawn = 0
  }
  const draw = (): void => {
    const lines = [
      ...[...pulls].map(([target, bar]) => barLine(target, bar)),
      ...[...phases].map(([name, phase]) => `${name}: ${phase}`),
    ]
    for (const line of lines) stderr.write(`${plain(line).slice(0, (stderr.columns || 80) - 1)}\n`)
    drawn = lines.length
    drawnAt = performance.now()
  }
  return {
    show: (event) => {
      note(event, pulls, phases)
      const lasting = event.type === 'phase' ? undefined : lineOf(event)
      if (lasting === undefined && performance.now() - drawnAt < REDRAW_MS) return
      erase()
      if (lasting !== undefined) stderr.write(`${plain(lasting)}\n`)
      draw()
    },
    end: erase,
  }
}

function note(event: RefreshEvent, pulls: Map<string, Bar>, phases: Map<string, string>): void {
  if (event.type === 'pull') {
    const bar = pulls.get(event.target) ?? { current: 0, total: 0, begun: performance.now() }
    pulls.set(event.target, Object.assign(bar, { current: event.current, total: event.total }))
  }
  if (event.type === 'image') pulls.delete(event.image.target)
  if (event.type === 'phase') phases.set(event.name, event.phase)
  if (event.type === 'container') phases.delete(event.container.name)
}

function barLine(target: string, { current, total, begun }: Bar): string {
  const filled = total === 0 ? 0 : Math.round((BAR * current) / total)
  const rate = current / Math.max((performance.now() - begun) / 1000, 0.001)
  return `${target} [${'#'.repeat(filled).padEnd(BAR, '-')}] ${bytes(current)} of ${bytes(total)}, ${bytes(Math.round(rate))}/s`
}
