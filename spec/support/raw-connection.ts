import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A connection to a listener, as bytes. */
export interface RawConnection extends Disposable {
  readonly socket: Socket
  /** All that came, once the other side has closed. */
  readonly closed: Promise<string>
  /** All that came, as soon as `pattern` is in it. */
  readonly seen: (pattern: RegExp) => Promise<string>
}

/** Connects to `host:port`. */
export async function rawConnection(address: string): Promise<RawConnection> {
  const colon = address.lastIndexOf(':')
  const socket = connect(Number(address.slice(colon + 1)), address.slice(0, colon))
  let text = ''
  const listeners = new Set<() => void>()
  socket.on('error', () => {})
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
    for (const listener of listeners) listener()
  })
  // A cut is an end too: what came before it counts.
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)))
  await Promise.race([once(socket, 'connect'), closed])
  const seen = (pattern: RegExp): Promise<string> =>
    Promise.race([
      closed,
      new Promise<string>((resolve) => {
        const look = (): void => {
          if (pattern.test(text)) resolve(text)
        }
        listeners.add(look)
        look()
      }),
    ])
  return { socket, closed, seen, [Symbol.dispose]: () => socket.destroy() }
}

/** Sends bytes and gives all that came back until the other side closed. */
export async function sendRaw(address: string, text: string): Promise<string> {
  using connection = await rawConnection(address)
  connection.socket.write(text)
  return await connection.closed
}

/** Statuses of the answers in a text of HTTP. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
}
