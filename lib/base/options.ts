// Options that plain JavaScript may give.
import { InputError, printable } from './errors.ts'

/** Refuses members that nobody reads, by name; `hints` says for known ones of other libraries what to write instead. */
export function refuseUnknown(
  what: string,
  options: object,
  known: ReadonlySet<string>,
  hints: Readonly<Record<string, string>>,
): void {
  for (const name of Object.keys(options)) {
    if (known.has(name)) continue
    const cure = Object.hasOwn(hints, name) ? `write ${hints[name]}` : `there are ${[...known].join(', ')}`
    throw new InputError('INPUT_INVALID', `unknown ${what} ${JSON.stringify(printable(name, 60))}: ${cure}`)
  }
}
