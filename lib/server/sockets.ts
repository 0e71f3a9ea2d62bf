import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Connections kept open when it is quiet. */
export const MAX_SOCKETS = 64
/** Connections that may be there for a moment, while a burst comes in. */
export const MAX_BURST = 256
// A connection that brought no whole request within this time makes room for others, in milliseconds.
const GRACE = 2000

/**
 * Keeps the number of connections small, and keeps connections that only sit there from shutting others out: when there
 * are too many, those that have not brought a whole request go first, the oldest before the others. Node's own limit would
 * refuse the newest instead, which is what whoever opens 200 of them wants.
 */
export function limitSockets(server: Server): void {
  const open = new Set<Socket>()
  const asking = new Map<Socket, IncomingMessage>()

  const trim = (limit: number): void => {
    for (const socket of open) {
      if (open.size <= limit) return
      if (asking.get(socket)?.complete !== true) drop(socket)
    }
  }
  const drop = (socket: Socket): void => {
    open.delete(socket)
    socket.destroy()
  }

  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    if (open.size <= MAX_SOCKETS) return
    trim(MAX_BURST)
    if (open.size > MAX_BURST) drop(socket)
    setTimeout(trim, GRACE, MAX_SOCKETS).unref()
  })
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    asking.set(socket, request)
    response.on('close', () => {
      if (asking.get(socket) === request) asking.delete(socket)
      // The one that was used last is the last to go.
      if (open.delete(socket) && !socket.destroyed) open.add(socket)
    })
  })
}
