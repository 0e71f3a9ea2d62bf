// The engine of the bench, in a process of its own. Bodies are built once and written in large pieces, so that the client
// is what is measured; "each" means that every line or frame is an HTTP chunk of its own, as engines send them.
import { createServer, type Socket } from 'node:net'

import { frame } from '../support/frame.ts'
import { LOGS, inspectOf, pullLines, summaryOf, type Chunking, type LogKind } from './fixture.ts'

const PIECE = 64 << 10

function answer(body: string, headers = ''): Buffer {
  const size = Buffer.byteLength(body)
  return Buffer.from(
    `HTTP/1.1 200 OK\r\nApi-Version: 1.45\r\nContent-Type: application/json\r\n${headers}Content-Length: ${size}\r\n\r\n${body}`,
  )
}

function chunk(data: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')])
}

function chunked(parts: Buffer[], chunking: Chunking): Buffer {
  if (chunking === 'each') return Buffer.concat(parts.map(chunk))
  const whole = Buffer.concat(parts)
  const pieces: Buffer[] = []
  for (let at = 0; at < whole.length; at += PIECE) pieces.push(chunk(whole.subarray(at, at + PIECE)))
  return Buffer.concat(pieces)
}

function streamHead(type: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\nApi-Version: 1.45\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  )
}

const END = Buffer.from('0\r\n\r\n')
const JSON_STREAM = streamHead('application/json')
const LOG_STREAM = streamHead('application/vnd.docker.multiplexed-stream')

const ids = Array.from({ length: 100 }, (_, i) => `container${i}`)
const ping = answer('OK')
const list = answer(JSON.stringify(ids.map(summaryOf)))
const inspects = new Map(ids.map((id) => [id, answer(JSON.stringify(inspectOf(id)))]))
const image = answer(
  JSON.stringify({
    Id: `sha256:${'a'.repeat(64)}`,
    RepoTags: ['acme/app:latest'],
    RepoDigests: [`acme/app@sha256:${'d'.repeat(64)}`],
    Architecture: 'amd64',
    Os: 'linux',
    Size: 1,
    Config: {},
  }),
)
const lines = [...pullLines()].map((line) => Buffer.from(line))
const pulls: Record<Chunking, Buffer> = { each: chunked(lines, 'each'), '64k': chunked(lines, '64k') }

function logsOf(kind: LogKind): Record<Chunking, Buffer> {
  const { payload, frames } = LOGS[kind]
  const parts = Array.from({ length: frames }, (_, i) => frame(1 + (i % 2), Buffer.alloc(payload, 97 + (i % 26))))
  return { each: chunked(parts, 'each'), '64k': chunked(parts, '64k') }
}
const logs: Record<LogKind, Record<Chunking, Buffer>> = { large: logsOf('large'), small: logsOf('small') }

async function write(socket: Socket, data: Buffer): Promise<void> {
  for (let at = 0; at < data.length && !socket.destroyed; at += PIECE) {
    if (socket.write(data.subarray(at, at + PIECE))) continue
    await new Promise<void>((resolve) => {
      socket.once('drain', resolve) // a client that leaves leaves this behind, too
    })
  }
}

async function stream(socket: Socket, head: Buffer, body: Buffer, times = 1): Promise<void> {
  socket.write(head)
  for (let i = 0; i < times && !socket.destroyed; i++) await write(socket, body)
  socket.write(END)
}

function route(socket: Socket, path: string): void {
  const inspected = /\/containers\/(\w+)\/json/.exec(path)?.[1]
  const logged = /\/containers\/(large|small)-(each|64k)(?:-(\d+)x)?\/logs/.exec(path)
  if (path.includes('/_ping')) socket.write(ping)
  else if (inspected !== undefined) socket.write(inspects.get(inspected) as Buffer)
  else if (path.includes('/containers/json')) socket.write(list)
  else if (path.includes('/images/create'))
    void stream(socket, JSON_STREAM, pulls[path.includes('64k') ? '64k' : 'each'])
  else if (path.includes('/images/')) socket.write(image)
  else if (logged !== null) {
    const [, kind, chunking, times] = logged as unknown as [string, LogKind, Chunking, string | undefined]
    void stream(socket, LOG_STREAM, logs[kind][chunking], Number(times ?? 1))
  } else throw new Error(`no answer for ${path}`)
}

createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => {})
  let text = ''
  socket.on('data', (data) => {
    text += data.toString('latin1')
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const path = text.slice(0, end).split(' ', 2)[1] ?? ''
      text = text.slice(end + 4)
      route(socket, path)
    }
  })
}).listen(process.argv[2], () => process.send?.('ready'))
