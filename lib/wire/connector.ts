import { connect as connectPlain, isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'

import type { Env } from '../base/ports.ts'
import { reveal } from '../base/secret.ts'
import type { Connect } from './connections.ts'
import type { Endpoint, TcpEndpoint, TlsMaterial } from './endpoint.ts'
import { SshConnection } from './ssh.ts'

// As much as one read brings: Node's 16 KiB would stop and start the socket at every read.
function reading<T extends object>(options: T): T {
  return { ...options, highWaterMark: 64 << 10 }
}

/** Opens connections to one endpoint. `env` is what a child process, ssh, gets. */
export function connector(endpoint: Endpoint, env: Env): Connect {
  return (timeout, ready) => {
    let settled = false
    const settle = (error: Error | null, socket: Duplex | null): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      ready(error, socket)
    }
    const [socket, event] = dial(endpoint, timeout, env)
    const late = (): void => void socket.destroy(connectTimeout(timeout))
    const timer = timeout > 0 ? setTimeout(late, timeout) : undefined
    socket.once(event, () => settle(null, socket))
    socket.on('error', (error) => settle(error, null)) // for good: an error that nobody listens to ends the process
    socket.once('close', () => settle(new Error('closed before it was connected'), null))
    return socket
  }
}

function dial(endpoint: Endpoint, timeout: number, env: Env): readonly [socket: Duplex, readyEvent: string] {
  if (endpoint.kind === 'unix') return [connectPlain(reading({ path: endpoint.socketPath })), 'connect']
  if (endpoint.kind === 'npipe') return [connectPlain(reading({ path: endpoint.pipePath })), 'connect']
  if (endpoint.kind === 'ssh') return [new SshConnection(endpoint, timeout, env), 'spawn']
  if (endpoint.tls !== undefined) return dialTls(endpoint, endpoint.tls)
  return [connectPlain(reading(address(endpoint))), 'connect']
}

function address({ host, port }: TcpEndpoint): { host: string; port: number; noDelay: true; keepAlive: true } {
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port, noDelay: true, keepAlive: true }
}

function dialTls(endpoint: TcpEndpoint, { ca, cert, key, verify, servername }: TlsMaterial): [Duplex, string] {
  const at = address(endpoint)
  // Node.js names no server by itself, and a proxy in front of several engines then does not know which one is meant.
  const name = servername ?? (isIP(at.host) === 0 ? at.host : undefined)
  const socket = connectTls({
    ...at,
    ...(name === undefined ? {} : { servername: name }),
    ca,
    cert,
    key: key === undefined ? undefined : reveal(key),
    rejectUnauthorized: verify !== false,
    ALPNProtocols: ['http/1.1'],
  })
  return [socket, 'secureConnect']
}

function connectTimeout(timeout: number): Error {
  return Object.assign(new Error(`not connected after ${timeout} ms`), { code: 'UND_ERR_CONNECT_TIMEOUT' })
}
