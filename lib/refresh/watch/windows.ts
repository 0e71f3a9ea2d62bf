import { InputError } from '../../base/errors.ts'

/** When containers may be moved. */
export interface Windows {
  isOpen(now: number): boolean
  /** Milliseconds until one opens; 0 when one is open, `Infinity` when none ever will. */
  untilOpen(now: number): number
}

interface Opening {
  /** The first one after a moment, in milliseconds since the epoch. */
  readonly next: (after: number) => number
  /** Milliseconds for which it stays open. */
  readonly length: number
}

const UNITS = { h: 3_600_000, m: 60_000, s: 1000 } as const

/**
 * Reads windows such as `0 2 * * 6,0/4h`: when it opens, as cron has it, and for how long. Daylight saving is cron's too.
 * croner is loaded by the first window only.
 *
 * @param timeZone IANA name; default the machine's
 * @throws InputError `INPUT_INVALID`
 */
export async function readWindows(texts: readonly string[], timeZone?: string): Promise<Windows> {
  const openings = await Promise.all(texts.map((text) => readOpening(text, timeZone)))
  const isOpen = (now: number): boolean => openings.some(({ next, length }) => next(now - length) <= now)
  return {
    isOpen,
    untilOpen: (now) => (isOpen(now) ? 0 : Math.min(...openings.map(({ next }) => next(now) - now))),
  }
}

async function readOpening(text: string, timeZone: string | undefined): Promise<Opening> {
  const slash = text.lastIndexOf('/') // steps of cron have slashes too
  const length = readLength(text.slice(slash + 1))
  if (slash < 0 || length === undefined)
    throw wrong(text, 'write when it opens and for how long, for instance "0 2 * * */4h"')
  const { Cron } = await import('croner')
  try {
    const cron = new Cron(text.slice(0, slash), {
      paused: true,
      mode: '5-part',
      ...(timeZone && { timezone: timeZone }),
    })
    return { length, next: (after) => cron.nextRun(new Date(after))?.getTime() ?? Infinity }
  } catch (error) {
    throw wrong(text, error instanceof Error ? error.message : String(error))
  }
}

// 90m, 4h, 1h30m
function readLength(text: string): number | undefined {
  if (!/^(?:\d{1,6}[hms])+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+)([hms])/g)]
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit as keyof typeof UNITS], 0)
  return total > 0 ? total : undefined
}

function wrong(text: string, why: string): InputError {
  return new InputError('INPUT_INVALID', `not a window: ${JSON.stringify(text.slice(0, 100))}: ${why}`)
}
