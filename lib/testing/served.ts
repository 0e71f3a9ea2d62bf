import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'

/** A request that a program sent to one of the sockets of this folder. */
export interface ServedRequest {
  readonly method: string
  /** As asked: with version prefix and query. */
  readonly target: string
  /** Without version prefix and query: `/containers/json`. */
  readonly path: string
  readonly query: string
  /** Lower-case names. */
  readonly headers: IncomingHttpHeaders
  /** The whole body; after an upgrade more may come over the raw connection. */
  readonly body: Buffer
  /** The program asked for a raw connection. */
  readonly upgrade: boolean
  /** Fires when the program leaves before its answer is whole. */
  readonly signal: AbortSignal
}

export interface ServedReply {
  readonly status: number
  /** Name, value, name, value, …: repeats and case as they came. */
  readonly headers: readonly string[]
  /** One chunk of HTTP for each item. A body that throws cuts the connection. */
  readonly body: AsyncIterable<Uint8Array>
  /** Takes the raw connection after a 101. The head is sent already; the connection is paused until it is resumed. */
  readonly upgraded?: ((client: Duplex) => void) | undefined
}

/** Answers a request; `undefined` cuts the connection without an answer, and so does an error. */
export type ServedHandler = (request: ServedRequest) => Promise<ServedReply | undefined>

/** Splits `/v1.41/containers/json?all=1` into path and query; the version is dropped. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  return { path: path.replace(/^\/v\d+\.\d+(?=\/)/, ''), query: mark < 0 ? '' : target.slice(mark + 1) }
}

/** A reply with a JSON body. */
export function jsonReply(status: number, value: object): ServedReply {
  return { status, headers: ['Content-Type', 'application/json'], body: oneChunk(JSON.stringify(value)) }
}

/** Resolves when the program has left. */
export async function untilLeft(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text)
}
