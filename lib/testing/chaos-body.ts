import type { Duplex } from 'node:stream'

import type { Clock } from '../base/ports.ts'
import { chunksOf, type EngineReply } from './engine-line.ts'

/** The reply, cut after `limit` bytes of its body, or of what comes over its raw connection. */
export function truncated(reply: EngineReply, limit: number): EngineReply {
  const { socket } = reply
  if (socket === undefined) return { ...reply, body: cutAfter(reply.body, limit) }
  return { ...reply, upgraded: (client) => void passUntilCut(socket, client, limit) }
}

/** The reply, its body at a steady rate. */
export function dripped(reply: EngineReply, bytesPerSecond: number, pace: Pace): EngineReply {
  return { ...reply, body: drip(reply.body, bytesPerSecond, pace) }
}

interface Pace {
  readonly clock: Pick<Clock, 'sleep'>
  readonly signal: AbortSignal
}

// Ten portions a second, or single bytes where that is too many.
async function* drip(
  chunks: AsyncIterable<Uint8Array>,
  bytesPerSecond: number,
  { clock, signal }: Pace,
): AsyncGenerator<Uint8Array, void, undefined> {
  const portion = Math.max(1, Math.floor(bytesPerSecond / 10))
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += portion) {
      await clock.sleep((portion / bytesPerSecond) * 1000, signal)
      yield chunk.subarray(at, at + portion)
    }
  }
}

async function* cutAfter(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = limit
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left)
    left -= chunk.length
    if (left <= 0) throw new Error(`cut after ${limit} bytes`)
  }
}

async function passUntilCut(engine: Duplex, client: Duplex, limit: number): Promise<void> {
  client.on('error', () => engine.destroy()).on('close', () => engine.destroy())
  client.pipe(engine)
  try {
    for await (const chunk of cutAfter(chunksOf(engine), limit)) client.write(chunk)
    client.end()
  } catch {
    client.destroy()
  }
}
