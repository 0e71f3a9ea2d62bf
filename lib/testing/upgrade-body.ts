import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout } from 'node:timers/promises'

/**
 * The body of a request for a raw connection (exec start has one), and where the raw bytes begin: what was read beyond
 * the body goes back into the socket, which is left paused.
 *
 * Up to Node 24 such a body comes in `head` and over the socket, as it stands on the wire; Node 26 parses it and gives it
 * as the request's stream.
 *
 * @throws Error when the client leaves before it sent the whole body
 */
export async function upgradeBody(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<Buffer> {
  const parsed: Uint8Array[] = []
  for await (const chunk of request) parsed.push(chunk as Uint8Array)
  const body = Buffer.concat(parsed)
  const isParsed = body.length > 0
  const { 'content-length': length = '0', 'transfer-encoding': coding = '' } = request.headers
  const isChunked = /chunked/i.test(coding)
  let wire = head
  for (;;) {
    const found = isParsed ? { body, end: 0 } : isChunked ? unchunk(wire) : ofLength(wire, Number(length))
    if (found !== undefined) {
      if (found.end < wire.length) socket.unshift(wire.subarray(found.end))
      return found.body
    }
    wire = Buffer.concat([wire, await nextChunk(socket)])
  }
}

const READING_MS = 20

/**
 * Waits until the client has read the head of a 101, as good as that can be told. docker-py loses what comes in one packet
 * with the head; an engine's first bytes come later by themselves, for it starts a process first.
 */
export function headIsRead(): Promise<void> {
  return setTimeout(READING_MS)
}

interface Found {
  readonly body: Buffer
  /** Where it ends on the wire. */
  readonly end: number
}

function ofLength(wire: Buffer, length: number): Found | undefined {
  return wire.length < length ? undefined : { body: wire.subarray(0, length), end: length }
}

// Without trailers: no client of an engine sends any.
function unchunk(wire: Buffer): Found | undefined {
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const line = wire.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(wire.toString('latin1', at, line), 16)
    if (Number.isNaN(size)) throw new Error('the client sent a broken chunk')
    const end = line + 2 + size + 2
    if (wire.length < end) return undefined
    if (size === 0) return { body: Buffer.concat(chunks), end }
    chunks.push(wire.subarray(line + 2, line + 2 + size))
    at = end
  }
}

function nextChunk(socket: Duplex): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (chunk?: Buffer): void => {
      socket.pause()
      for (const name of ['end', 'close', 'error']) socket.off(name, left)
      socket.off('data', settle)
      if (chunk === undefined) reject(new Error('the client left before its request was whole'))
      else resolve(chunk)
    }
    const left = (): void => settle()
    socket.on('data', settle)
    for (const name of ['end', 'close', 'error']) socket.on(name, left)
    socket.resume()
  })
}
