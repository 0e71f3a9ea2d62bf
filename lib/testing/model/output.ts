import type { Duplex } from 'node:stream'

import { atLeast } from '../../wire/version.ts'
import type { Call } from './call.ts'
import type { LogLine } from './container.ts'

/** A frame of the multiplexed stream: `[type, 0, 0, 0, size]` and the payload; with a TTY the payload alone. */
export function frame(stream: LogLine['stream'], text: string, tty: boolean): Uint8Array {
  const payload = Buffer.from(text)
  if (tty) return payload
  const header = Buffer.alloc(8)
  header[0] = stream === 'stdout' ? 1 : 2
  header.writeUInt32BE(payload.length, 4)
  return Buffer.concat([header, payload])
}

/** Content type of an output stream: from API 1.42 on it tells a TTY; before, logs had none. */
export function outputType({ version }: Call, tty: boolean, kind: 'logs' | 'hijack'): string | undefined {
  if (!atLeast(version, '1.42')) return kind === 'logs' ? undefined : 'application/vnd.docker.raw-stream'
  return `application/vnd.docker.${tty ? 'raw' : 'multiplexed'}-stream`
}

/** Writes to a raw connection; false when the other side is gone. */
export function write(socket: Duplex, chunk: Uint8Array): boolean {
  if (socket.destroyed || socket.writableEnded) return false
  socket.write(chunk)
  return true
}
