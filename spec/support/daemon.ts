import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A scripted engine on a unix socket in a folder of its own. */
export interface Daemon extends AsyncDisposable {
  /** `unix:///…` */
  readonly host: string
  readonly socketPath: string
  /** Method and path of every request, in order of arrival; empty for a raw one. */
  readonly seen: string[]
  /** Connections that are open now. */
  readonly open: ReadonlySet<Socket>
  /** Connections there have been. */
  accepted(): number
  /** Cuts every connection and goes away. */
  stop(): Promise<void>
  /** Comes back at the same place. */
  start(): Promise<void>
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Answers with `handler`; `GET /_ping` says API 1.41 unless the handler has answered. */
export function httpDaemon(handler: Handler): Promise<Daemon> {
  const seen: string[] = []
  const server = createHttpServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    seen.push(`${request.method} ${request.url}`)
    void (async () => {
      await handler(request, response)
      if (request.url !== '/_ping' || response.headersSent) return
      response.writeHead(200, { 'Api-Version': '1.41' }).end('OK')
    })()
  })
  return daemon(server, seen)
}

/** Gives each connection to `serve`, byte by byte: what no HTTP server would send. */
export function rawDaemon(serve: (socket: Socket, nth: number) => void): Promise<Daemon> {
  let nth = 0
  return daemon(
    createServer((socket) => serve(socket, nth++)),
    [],
  )
}

/** Runs `answer` once a whole request head has come, and again for the next on the same connection. */
export function onRequest(socket: Socket, answer: (head: string) => void): void {
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    const end = text.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = text.slice(0, end)
    text = text.slice(end + 4)
    answer(head)
  })
}

async function daemon(server: Server | ReturnType<typeof createServer>, seen: string[]): Promise<Daemon> {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-daemon-'))
  const socketPath = join(dir, 'docker.sock')
  const open = new Set<Socket>()
  let accepted = 0
  server.on('connection', (socket: Socket) => {
    accepted++
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => {})
  })
  const start = async (): Promise<void> => {
    server.listen(socketPath)
    await once(server, 'listening')
  }
  const stop = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of open) socket.destroy()
    await closed
    while (open.size > 0) await new Promise((resolve) => setImmediate(resolve)) // destroyed is not closed yet
  }
  await start()
  return {
    host: `unix://${socketPath}`,
    socketPath,
    seen,
    open,
    accepted: () => accepted,
    start,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
