// The last argument of every operation, as plain JavaScript may give it.
import { InputError } from '../base/errors.ts'
import { refuseUnknown } from '../base/options.ts'
import type { CallOptions } from './operation.ts'

const TIMES = ['connectTimeout', 'headersTimeout', 'idleTimeout', 'timeout'] as const
const KNOWN: ReadonlySet<string> = new Set(['signal', ...TIMES])

// Of other clients.
const HINTS: Readonly<Record<string, string>> = {
  abortSignal: 'signal',
  abort_signal: 'signal',
  bodyTimeout: 'idleTimeout',
  deadline: 'timeout, in milliseconds',
  readTimeout: 'idleTimeout',
  requestTimeout: 'timeout',
  timeoutMs: 'timeout',
}

/** The options, unless one of them is none. @throws InputError `INPUT_INVALID` naming it */
export function checkedCall(call: CallOptions): CallOptions {
  if (typeof call !== 'object' || call === null) throw invalid('the options of the call are no object', call)
  refuseUnknown('option of a call', call, KNOWN, HINTS)
  const { signal } = call
  if (signal !== undefined && typeof (signal as Partial<AbortSignal> | null)?.addEventListener !== 'function')
    throw invalid('the option "signal" is no AbortSignal', signal)
  for (const name of TIMES) {
    const ms: unknown = call[name]
    if (ms !== undefined && !(typeof ms === 'number' && ms >= 0 && ms <= MOST_MS))
      throw invalid(`the option "${name}" is no number of milliseconds up to ${MOST_MS}`, ms)
  }
  return call
}

// Above that a timer fires at once.
const MOST_MS = 2 ** 31 - 1

function invalid(rule: string, value: unknown): InputError {
  return new InputError('INPUT_INVALID', `${rule}: ${typeof value === 'number' ? value : typeof value}`)
}
