import { once } from 'node:events'
import { chmod, rm, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { getRequestListener } from '@hono/node-server'

import { InputError } from '../base/errors.ts'
import { addressText, type ListenAddress } from './address.ts'
import type { Service } from './service.ts'
import { limitSockets } from './sockets.ts'

/** A service on a socket. */
export interface Listener extends AsyncDisposable {
  /** `host:port` or `unix:/path`; with the real port when 0 was asked for. */
  readonly address: string
  /** Takes no more connections, gives answers under way a second to reach their clients, and closes. */
  close(): Promise<void>
}

// Node's own defaults are 60 s, 300 s, 5 s and 16 KiB, looked at every 30 s.
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5000,
  maxHeaderSize: 8 << 10,
  connectionsCheckingInterval: 1000,
}

const FAREWELL = 1000

/**
 * Puts a service on a socket, with limits for slow, large and many requests.
 *
 * @throws InputError `CONFIG_INVALID` when the address cannot be listened on
 */
export async function listen(service: Pick<Service, 'fetch'>, address: ListenAddress): Promise<Listener> {
  const answer = getRequestListener(
    (request, env) =>
      service.fetch(request, { address: clientAddress((env as { incoming: IncomingMessage }).incoming) }),
    { overrideGlobalObjects: false },
  )
  const server = createServer(LIMITS)
  limitSockets(server)
  server.on('request', (request, response) => {
    if (!refusedByHand(request, response)) void answer(request, response)
  })
  await bind(server, address)
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeIdleConnections()
    const cut = setTimeout(() => server.closeAllConnections(), FAREWELL)
    await closed
    clearTimeout(cut)
  }
  return { address: addressText(boundTo(server, address)), close, [Symbol.asyncDispose]: close }
}

const inProgress = new WeakSet<object>()

// What cannot be said in terms of a fetch request: HTTP/1.0 without Host, and a second request before the first answer.
function refusedByHand(request: IncomingMessage, response: ServerResponse): boolean {
  const { socket } = request
  const problem = inProgress.has(socket)
    ? 'one request after the other'
    : request.headers.host === undefined
      ? 'the request has no Host header'
      : undefined
  if (problem !== undefined) {
    response.writeHead(400, { 'Content-Type': 'application/json; charset=utf-8', Connection: 'close' })
    response.end(`${JSON.stringify({ error: problem })}\n`)
    return true
  }
  inProgress.add(socket)
  response.on('close', () => inProgress.delete(socket))
  return false
}

function clientAddress({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? 'unix'
}

async function bind(server: Server, address: ListenAddress): Promise<void> {
  if (address.kind === 'unix') await removeDeadSocket(address.path)
  server.listen(address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port })
  try {
    await once(server, 'listening')
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new InputError('CONFIG_INVALID', `cannot listen on ${addressText(address)}: ${reason}`, { cause })
  }
  if (address.kind === 'unix') await chmod(address.path, 0o660)
}

// A process that was killed leaves its socket behind, on which nobody else can listen.
async function removeDeadSocket(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isSocket() === true && !(await isAlive(path))) await rm(path, { force: true })
}

async function isAlive(path: string): Promise<boolean> {
  const { connect } = await import('node:net')
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

function boundTo(server: Server, address: ListenAddress): ListenAddress {
  return address.kind === 'unix' ? address : { ...address, port: (server.address() as AddressInfo).port }
}
