import { hasCode, isDockerError, isUnreachable, messageOf, type ErrorCode } from '../base/errors.ts'
import { hasFailures, type RefreshReport } from '../refresh/index.ts'

/**
 * The HTTP status of a report: 200 nothing failed, 207 part failed, 502 every pull failed (in a dry run: would), 503 ended before its end
 * because the service stops.
 */
export function statusOf(report: RefreshReport): number {
  if (report.interrupted) return 503
  const { images } = report
  const none = ({ outcome }: (typeof images)[number]): boolean => outcome === 'failed' || outcome === 'unknown'
  if (images.length > 0 && images.every(none)) return 502
  return hasFailures(report) ? 207 : 200
}

/** The HTTP status of an error that ended a refresh: 503 when the engine cannot be reached, else 500. */
export function statusOfError(error: unknown): number {
  return isUnreachable(error) || hasCode(error, 'ABORTED') ? 503 : 500
}

/** An error in words for clients. What is no error of dockline may hold anything, so it is not shown. */
export function shownError(error: unknown): { code: ErrorCode; message: string } {
  return isDockerError(error)
    ? { code: error.code, message: messageOf(error) }
    : { code: 'UNEXPECTED', message: 'something unexpected happened: the log of the service tells more' }
}
