import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

import { messageOf } from '../../base/errors.ts'
import { headIsRead, upgradeBody } from '../upgrade-body.ts'
import { written } from '../written.ts'
import type { Core } from './core.ts'
import type { RawRequest } from './dispatch.ts'
import { Cut, type Reply } from './reply.ts'

/** The engine behind HTTP/1.1, raw connections included. It does not listen yet. */
export function modelServer(core: Core, isAway: () => boolean = () => false): Server {
  const server = createServer((request, response) => {
    serve(core, request, response).catch((error: unknown) => breakOff(response, error))
  })
  server.on('upgrade', (request, socket, head) => {
    upgrade(core, request, socket, head).catch(() => socket.destroy())
  })
  server.on('connection', (socket) => {
    if (isAway()) socket.destroy()
  })
  server.keepAliveTimeout = 5000
  server.requestTimeout = 0
  return server
}

// A cut is wanted; anything else is a mistake of the model, and is told.
function breakOff(response: ServerResponse, error: unknown): void {
  if (error instanceof Cut || response.headersSent) response.socket?.destroy()
  else response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`the model engine failed: ${messageOf(error)}`)
}

async function serve(core: Core, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const left = new AbortController()
  response.on('close', () => left.abort(new Error('the client left')))
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk as Uint8Array)
  const reply = await core.handle(raw(request, Buffer.concat(chunks), left.signal))
  const { status, headers = {}, body } = reply
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.statusCode = status
  if (body?.type !== undefined) response.setHeader('Content-Type', body.type)
  if (body === undefined || 'hijack' in body) {
    response.end()
    return
  }
  if (!('stream' in body)) {
    const bytes = 'text' in body ? Buffer.from(body.text) : body.bytes
    response.setHeader('Content-Length', bytes.length)
    response.end(bytes)
    return
  }
  response.flushHeaders()
  try {
    for await (const chunk of body.stream) {
      if (left.signal.aborted) return
      await written(response, chunk)
    }
    response.end()
  } catch (error) {
    if (!(error instanceof Cut) && !left.signal.aborted) throw error
    response.destroy()
  }
}

async function upgrade(core: Core, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const left = new AbortController()
  socket.on('error', () => socket.destroy())
  socket.on('close', () => left.abort(new Error('the client left')))
  const body = await upgradeBody(request, socket, head)
  const reply = await core.handle(raw(request, body, left.signal))
  if (reply.body === undefined || !('hijack' in reply.body)) {
    await refuseUpgrade(socket, reply)
    return
  }
  const { type, hijack } = reply.body
  socket.write(head101(reply, type))
  await headIsRead()
  await hijack(socket)
}

function head101({ headers = {} }: Reply, type: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${type}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n${lines.join('')}\r\n`
}

async function refuseUpgrade(socket: Duplex, { status, headers = {}, body }: Reply): Promise<void> {
  const chunks: Uint8Array[] = []
  if (body !== undefined && 'text' in body) chunks.push(Buffer.from(body.text))
  if (body !== undefined && 'stream' in body) for await (const chunk of body.stream) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const all = {
    ...headers,
    'Content-Type': body?.type ?? 'text/plain',
    'Content-Length': String(bytes.length),
    Connection: 'close',
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n`)
  socket.end(bytes)
}

function raw(
  { method = 'GET', url = '/', headers }: IncomingMessage,
  body: Uint8Array,
  signal: AbortSignal,
): RawRequest {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return { method, path: url, headers: flat, body, signal }
}
