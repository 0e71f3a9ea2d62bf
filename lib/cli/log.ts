import { destination, pino } from 'pino'

import type { Log } from '../base/ports.ts'

/** One JSON object a line, on a stream. */
export function createLog(stream: NodeJS.WriteStream & { fd?: number }): Log {
  const formatters = { level: (level: string) => ({ level }) }
  const options = { base: null, formatters, timestamp: pino.stdTimeFunctions.isoTime }
  const logger = pino(options, destination({ fd: stream.fd ?? 2, sync: true }))
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
  }
}
