import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { STATUS_CODES, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'

import { splitTarget, type ServedHandler, type ServedReply, type ServedRequest } from './served.ts'
import { upgradeBody } from './upgrade-body.ts'
import { written } from './written.ts'

/** A socket on which programs are answered. */
export interface Served extends AsyncDisposable {
  readonly socketPath: string
  /** `unix://…`, fit for `DOCKER_HOST`. */
  readonly host: string
  /** Cuts every connection and removes the socket. */
  close(): Promise<void>
}

/** Serves HTTP/1.1 with hijacked connections on a unix socket: at `listen`, or in a new temporary directory. */
export async function serve(handler: ServedHandler, listen?: string): Promise<Served> {
  const directory = listen === undefined ? await mkdtemp(join(tmpdir(), 'dockline-')) : undefined
  const socketPath = listen ?? join(directory as string, 'docker.sock')
  const raw = new Set<Duplex>()
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 })
  server.on('request', (request, response) => void answer(handler, request, response))
  server.on('upgrade', (request, socket, head) => {
    raw.add(socket)
    socket.on('close', () => raw.delete(socket))
    void answerUpgrade(handler, request, socket, head)
  })
  server.listen(socketPath)
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    for (const socket of raw) socket.destroy()
    await closed
    if (directory !== undefined) await rm(directory, { recursive: true, force: true })
  }
  return { socketPath, host: `unix://${socketPath}`, close, [Symbol.asyncDispose]: close }
}

async function answer(handler: ServedHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const left = new AbortController()
  response.on('close', () => left.abort())
  response.on('error', () => left.abort())
  try {
    const reply = await handler(served(request, await collect(request), false, left.signal))
    if (reply === undefined) {
      request.socket.destroy()
      return
    }
    response.sendDate = false
    response.writeHead(reply.status, [...reply.headers])
    response.flushHeaders()
    for await (const chunk of reply.body) {
      await written(response, chunk)
    }
    response.end()
  } catch {
    cut(request.socket)
  }
}

async function answerUpgrade(
  handler: ServedHandler,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const left = new AbortController()
  socket.on('close', () => left.abort())
  socket.on('error', () => left.abort())
  try {
    const body = await upgradeBody(request, socket, head)
    const reply = await handler(served(request, body, true, left.signal))
    if (reply === undefined) {
      socket.destroy()
      return
    }
    socket.write(rawHead(reply))
    if (reply.upgraded !== undefined) {
      reply.upgraded(socket)
      return
    }
    for await (const chunk of reply.body) {
      if (!socket.write(chunk)) await once(socket, 'drain', { signal: left.signal })
    }
    socket.end()
  } catch {
    cut(socket)
  }
}

// What was written before still goes out: a body that is cut after n bytes has these n.
function cut(socket: Duplex): void {
  socket.end(() => socket.destroy())
}

function served(request: IncomingMessage, body: Buffer, upgrade: boolean, signal: AbortSignal): ServedRequest {
  const target = request.url ?? '/'
  const method = request.method ?? 'GET'
  return { method, target, ...splitTarget(target), headers: request.headers, body, upgrade, signal }
}

async function collect(request: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}

// An answer that is no upgrade ends with its connection: nothing else may follow on it.
function rawHead(reply: ServedReply): string {
  const lines = [`HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? 'Unknown'}`]
  for (let i = 0; i < reply.headers.length; i += 2) {
    const name = reply.headers[i] as string
    if (reply.upgraded === undefined && /^(?:connection|transfer-encoding|keep-alive)$/i.test(name)) continue
    lines.push(`${name}: ${reply.headers[i + 1] as string}`)
  }
  if (reply.upgraded === undefined) lines.push('Connection: close')
  return `${lines.join('\r\n')}\r\n\r\n`
}
