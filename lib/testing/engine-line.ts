import { on } from 'node:events'
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'

import { connector } from '../wire/connector.ts'
import type { Endpoint } from '../wire/endpoint.ts'
import type { ServedReply, ServedRequest } from './served.ts'

/** A reply of an engine as it is passed on; `socket` is its side of an upgraded connection. */
export interface EngineReply extends ServedReply {
  readonly socket?: Duplex | undefined
}

const CONNECT_TIMEOUT = 5000

// Kept in memory for a slow reader, in chunks.
const CHUNKS_AHEAD = 64

/** Sends a request on to an engine, over a connection of its own that ends when the program leaves. */
export function toEngine(target: Endpoint, request: ServedRequest): Promise<EngineReply> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      createConnection: () => connector(target, process.env)(CONNECT_TIMEOUT, () => {}),
      method: request.method,
      path: request.target,
      headers: outgoingHeaders(request),
      signal: request.signal,
    })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      resolve({ ...headOf(incoming), body: chunksOf(incoming) })
    })
    outgoing.on('upgrade', (incoming, socket, head) => {
      if (head.length > 0) socket.unshift(head)
      resolve({ ...headOf(incoming), body: chunksOf(incoming), socket, upgraded: (client) => joinRaw(client, socket) })
    })
    outgoing.end(request.body.length === 0 ? undefined : request.body)
  })
}

/** The chunks of a stream with the edges they came with: reading a stream in a loop would melt them together. */
export async function* chunksOf(stream: IncomingMessage | Duplex): AsyncGenerator<Uint8Array, void, undefined> {
  const events = on(stream, 'data', { close: ['end', 'close'], highWaterMark: CHUNKS_AHEAD, lowWaterMark: 1 })
  stream.resume()
  for await (const [chunk] of events as AsyncIterable<[Buffer]>) yield chunk
}

/** Connects two raw connections; a half-close goes through, a cut cuts the other. */
export function joinRaw(a: Duplex, b: Duplex): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.on('error', () => to.destroy())
    from.on('close', () => (from.readableEnded ? to.end() : to.destroy()))
    from.pipe(to)
  }
}

// Whether a connection stays open is between its two ends, not for a third.
function headOf({ statusCode = 0, rawHeaders }: IncomingMessage): Pick<ServedReply, 'status' | 'headers'> {
  if (statusCode === 101) return { status: statusCode, headers: rawHeaders }
  const headers = rawHeaders.filter((_, i) => !/^(?:connection|keep-alive)$/i.test(rawHeaders[i - (i % 2)] as string))
  return { status: statusCode, headers }
}

function outgoingHeaders({ headers, body, upgrade }: ServedRequest): OutgoingHttpHeaders {
  const { 'transfer-encoding': _, 'content-length': __, connection, ...rest } = headers
  return {
    ...rest,
    ...(body.length === 0 ? {} : { 'content-length': body.length }),
    connection: upgrade ? connection : 'close',
  }
}
