import { hasCode, isUnreachable } from '../base/errors.ts'

/** Exit codes of every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, interrupted: 130 } as const

/** The exit code of an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  if (hasCode(error, 'INPUT_INVALID', 'REF_INVALID', 'NAME_INVALID', 'CONFIG_INVALID')) return EXIT.usage
  if (isUnreachable(error) || hasCode(error, 'CONNECTION_LOST', 'TIMEOUT')) return EXIT.unreachable
  return hasCode(error, 'ABORTED') ? EXIT.interrupted : EXIT.failed
}
