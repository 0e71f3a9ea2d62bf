// Times as engines read them.
import { InputError, printable } from '../base/errors.ts'

const SECONDS = /^-?\d+(?:\.\d{1,9})?$/
const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/i

/**
 * Seconds since the epoch with up to nine decimals. The docker CLI converts RFC 3339 itself, and dockerd answers it by 500.
 *
 * @throws InputError `INPUT_INVALID` naming the option
 */
export function engineTime(option: string, time: string | number | undefined): string | number | undefined {
  if (time === undefined || typeof time === 'number' || time === '' || SECONDS.test(time)) return time
  const [, until, decimals, zone] = RFC_3339.exec(time) ?? []
  const ms = Date.parse(`${until}${zone}`)
  if (!Number.isNaN(ms)) return decimals === undefined ? `${ms / 1000}` : `${ms / 1000}.${decimals}`
  throw new InputError(
    'INPUT_INVALID',
    `the option "${option}" is ${JSON.stringify(printable(time, 60))}: give seconds since the epoch, or RFC 3339 with a zone`,
  )
}
