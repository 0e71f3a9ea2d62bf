import { pino } from 'pino'

import type { Log } from '../base/ports.ts'

/**
 * One JSON object a line, on a stream. Not on a file descriptor of its own, as pino has it by default: pino's writer throws
 * where the disk is full, and keeps in memory what it could not write.
 */
export function createLog(stream: NodeJS.WritableStream): Log {
  const formatters = { level: (level: string) => ({ level }) }
  const options = { base: null, formatters, timestamp: pino.stdTimeFunctions.isoTime }
  const logger = pino(options, { write: (line) => void stream.write(line) })
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
  }
}
