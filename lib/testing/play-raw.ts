import type { Duplex } from 'node:stream'

import { chunksOf } from './engine-line.ts'
import type { UpgradeStep } from './exchange-file.ts'
import { headIsRead } from './upgrade-body.ts'

/**
 * Plays the engine's side of a recorded raw connection. What the client sent then must come now, in whatever chunks,
 * before the engine goes on; its half-close is not waited for. A connection that the engine never ended stays open.
 *
 * @throws Error when the client sends something else, or leaves before it sent all
 */
export async function playRaw(client: Duplex, steps: readonly UpgradeStep[]): Promise<void> {
  const arriving = chunksOf(client)
  let ahead = Buffer.alloc(0)
  let begun = false
  for (const { from, data } of steps) {
    const bytes = Buffer.from(data ?? '', 'base64')
    if (from === 'engine') {
      if (!begun) await headIsRead()
      begun = true
      if (data === null) client.end()
      else client.write(bytes)
      continue
    }
    while (ahead.length < bytes.length) {
      const next = await arriving.next()
      if (next.done === true) throw new Error(`the client left ${bytes.length - ahead.length} bytes too early`)
      ahead = Buffer.concat([ahead, next.value])
    }
    begun = true
    if (!matches(bytes, ahead)) throw new Error('the client sent other bytes over the raw connection than recorded')
    ahead = ahead.subarray(bytes.length)
  }
  await arriving.return()
  client.resume()
}

const STAR = 0x2a

// A recorded star may stand for a byte of a secret.
function matches(recorded: Buffer, sent: Buffer): boolean {
  return recorded.every((byte, i) => byte === STAR || byte === sent[i])
}
