import type { Secret } from '../base/secret.ts'

/** Where the engine is, and why there. */
export type Endpoint = UnixEndpoint | NpipeEndpoint | TcpEndpoint | SshEndpoint

interface Chosen {
  /** What chose it: `the host option`, `DOCKER_HOST`, `the context "x" (DOCKER_CONTEXT)`, `the default socket …`. */
  readonly source: string
}

export interface UnixEndpoint extends Chosen {
  readonly kind: 'unix'
  readonly socketPath: string
}

/** A named pipe of Windows. */
export interface NpipeEndpoint extends Chosen {
  readonly kind: 'npipe'
  /** `\\.\pipe\docker_engine` */
  readonly pipePath: string
}

export interface TcpEndpoint extends Chosen {
  readonly kind: 'tcp'
  /** Name or address; an IPv6 address in brackets. */
  readonly host: string
  readonly port: number
  /** Absent for plain HTTP. */
  readonly tls?: TlsMaterial | undefined
}

/** What a TLS connection is made with, as PEM texts. */
export interface TlsMaterial {
  /** Who may have signed the certificate of the engine; default what Node.js trusts. */
  readonly ca?: string | undefined
  /** Certificate of this client, with its key. */
  readonly cert?: string | undefined
  readonly key?: string | Secret | undefined
  /** Name that the engine is asked for (SNI) and that its certificate must hold; default the host, where that is no address. */
  readonly servername?: string | undefined
  /** False takes any certificate. Default true. */
  readonly verify?: boolean | undefined
}

/** An engine behind `ssh … docker system dial-stdio`, which needs `ssh` here and `docker` there. */
export interface SshEndpoint extends Chosen {
  readonly kind: 'ssh'
  readonly host: string
  readonly user?: string | undefined
  readonly port?: number | undefined
  /** Socket of the engine over there, when it is not the one `docker` would use. */
  readonly socketPath?: string | undefined
}

/** The endpoint as a URL for messages: `unix:///var/run/docker.sock`. */
export function endpointUrl(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return `unix://${endpoint.socketPath}`
  if (endpoint.kind === 'npipe') return `npipe://${endpoint.pipePath.replaceAll('\\', '/')}`
  if (endpoint.kind === 'tcp') return `tcp://${endpoint.host}:${endpoint.port}`
  const user = endpoint.user === undefined ? '' : `${endpoint.user}@`
  const port = endpoint.port === undefined ? '' : `:${endpoint.port}`
  return `ssh://${user}${endpoint.host}${port}${endpoint.socketPath ?? ''}`
}
