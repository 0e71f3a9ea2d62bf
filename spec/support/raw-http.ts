import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { connect } from 'node:net'

export interface RawReply {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** With the edges of the wire. */
  readonly chunks: Buffer[]
}

export interface RawOptions extends RequestOptions {
  /** Leaves after so many bytes of the body. */
  readonly bytes?: number
}

/** One request over a unix socket, without a Docker client; rejects when the answer is cut. */
export async function ask(
  socketPath: string,
  asked: string,
  body?: string | Uint8Array,
  { bytes = Infinity, ...options }: RawOptions = {},
): Promise<RawReply> {
  const [method = 'GET', path = '/'] = asked.split(' ')
  const request = httpRequest({ socketPath, method, path, agent: false, ...options }).end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  let left = bytes
  const enough = new Promise<void>((resolve, reject) => {
    response.on('end', resolve).on('error', reject)
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      left -= chunk.length
      if (left <= 0) resolve()
    })
  })
  await enough
  if (left <= 0) request.destroy()
  return { status: response.statusCode ?? 0, headers: response.headers, chunks }
}

/** Asks for a raw connection, sends these pieces when the 101 is there, half-closes, and gives all that came behind it. */
export async function hijack(socketPath: string, asked: string, ...pieces: string[]): Promise<string> {
  const [method = 'POST', path = '/'] = asked.split(' ')
  const socket = connect({ path: socketPath, allowHalfOpen: true })
  const ended = once(socket, 'end')
  let received = ''
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`)
  await once(socket, 'data')
  for (const piece of pieces) {
    socket.write(piece)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  socket.end()
  await ended
  socket.destroy()
  return received.split('\r\n\r\n').slice(1).join('\r\n\r\n')
}
