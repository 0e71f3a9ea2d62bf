import type { Duplex, Writable } from 'node:stream'

import type { DockerError } from '../base/errors.ts'
import { answer } from './answer.ts'
import { SocketBytes } from './socket-bytes.ts'
import { SocketWriter } from './socket-writer.ts'
import type { WireBody, WireResponse } from './transport.ts'

/** A raw connection to a process in a container. */
export interface Hijacked {
  /**
   * To the process; `end()` closes its stdin and leaves the output flowing. `undefined` behind a proxy that answered 200
   * in place of 101: then there is output only.
   */
  readonly input: Writable | undefined
  /** From the process. A reader that waits makes the process wait; one that leaves closes the connection. */
  readonly output: AsyncIterable<Uint8Array>
  readonly contentType: string | undefined
  /** Closes the connection at once; the process goes on. */
  close(): void
}

export interface HijackOptions {
  /** Turns the failure of a connection into an error. */
  readonly fail: (cause: unknown) => DockerError
  /** Called once, when the connection is closed. */
  readonly closed: (error?: DockerError) => void
}

/** Takes over the connection of an answer: 101 gives both directions, another success only the output. */
export function hijack(response: WireResponse, { fail, closed }: HijackOptions): Hijacked {
  const contentType = response.headers['content-type']
  const { socket, body } = response
  if (socket !== undefined) return { ...takeSocket(socket, { fail, closed }), contentType }
  return { input: undefined, output: closing(body, closed), contentType, close: () => (body.cancel(), closed()) }
}

function takeSocket(socket: Duplex, { fail, closed }: HijackOptions): Omit<Hijacked, 'contentType'> {
  const output = new SocketBytes(socket, fail)
  socket.once('close', () => closed(output.failure))
  return { input: new SocketWriter(socket, fail), output, close: () => void output.return() }
}

// No generator: it could not be left while it waits for the next chunk.
function closing(body: WireBody, closed: HijackOptions['closed']): AsyncIterable<Uint8Array> {
  return answer({ open: () => Promise.resolve(body), closed: () => closed() })
}
