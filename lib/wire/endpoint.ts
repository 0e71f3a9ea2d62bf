import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

import { ConnectionError, InputError } from '../base/errors.ts'
import type { Env, Files } from '../base/ports.ts'

/** Where the engine is, and why there. */
export type Endpoint = UnixEndpoint | TcpEndpoint

interface Chosen {
  /** What chose it: `the host option`, `DOCKER_HOST`, `the default socket`, … */
  readonly source: string
}

export interface UnixEndpoint extends Chosen {
  readonly kind: 'unix'
  readonly socketPath: string
}

export interface TcpEndpoint extends Chosen {
  readonly kind: 'tcp'
  readonly host: string
  readonly port: number
}

export interface EndpointOptions {
  /** `unix:///path`, `tcp://host:port`, `http://host:port`. Wins over the environment. */
  readonly host?: string | undefined
  readonly env: Env
  readonly files: Pick<Files, 'probe'>
}

/**
 * Chooses the engine: the `host` option, else `DOCKER_HOST`, else the first default socket that is there (system,
 * rootless, Desktop, Colima, podman).
 *
 * @throws InputError `INPUT_INVALID` for a host that cannot be read
 * @throws ConnectionError `ENGINE_UNREACHABLE` or `ENGINE_PERMISSION`, naming every path that was tried
 */
export async function resolveEndpoint(options: EndpointOptions): Promise<Endpoint> {
  if (options.host !== undefined && options.host !== '') return parseHost(options.host, 'the host option')
  const fromEnv = options.env['DOCKER_HOST']
  if (fromEnv !== undefined && fromEnv !== '') return parseHost(fromEnv, 'DOCKER_HOST')
  return probeSockets(options)
}

/** Reads `unix://…` or `tcp://…`. */
export function parseHost(text: string, source: string): Endpoint {
  const fail = (rule: string) => new InputError('INPUT_INVALID', `${source} is ${JSON.stringify(text)}: ${rule}`)
  const scheme = /^([a-z+]+):\/\//.exec(text)?.[1]
  if (scheme === 'unix') {
    const socketPath = text.slice('unix://'.length)
    if (!isAbsolute(socketPath))
      throw fail('write unix:// and an absolute path, for instance unix:///var/run/docker.sock')
    return { kind: 'unix', socketPath, source }
  }
  if (scheme === 'tcp' || scheme === 'http') {
    const url = URL.parse(text.replace(/^tcp:/, 'http:'))
    if (url === null || url.hostname === '' || url.username !== '')
      throw fail('write tcp:// and host:port, for instance tcp://127.0.0.1:2375')
    return {
      kind: 'tcp',
      host: url.hostname,
      port: url.port === '' ? (scheme === 'http' ? 80 : 2375) : Number(url.port),
      source,
    }
  }
  throw fail('its scheme must be unix:// or tcp://')
}

/** The default sockets in the order in which they are tried. */
export function defaultSockets(env: Env): string[] {
  const home = env['HOME'] ?? homedir()
  const runtime = env['XDG_RUNTIME_DIR']
  return [
    '/var/run/docker.sock',
    ...(runtime === undefined || runtime === '' ? [] : [join(runtime, 'docker.sock')]),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    ...(runtime === undefined || runtime === '' ? [] : [join(runtime, 'podman/podman.sock')]),
    '/run/podman/podman.sock',
  ]
}

async function probeSockets({ env, files }: EndpointOptions): Promise<Endpoint> {
  const tried: string[] = []
  let denied = false
  for (const socketPath of defaultSockets(env)) {
    const found = await files.probe(socketPath)
    if (found === 'socket') return { kind: 'unix', socketPath, source: 'the first default socket that is there' }
    denied ||= found === 'denied'
    tried.push(
      `${socketPath} (${found === 'denied' ? 'no permission' : found === 'absent' ? 'absent' : `a ${found}, not a socket`})`,
    )
  }
  const cure = denied
    ? 'Join the group that owns the socket (often "docker"), or run as its owner.'
    : 'Start the engine, or name it with --host or DOCKER_HOST, for instance unix:///var/run/docker.sock.'
  throw new ConnectionError(
    denied ? 'ENGINE_PERMISSION' : 'ENGINE_UNREACHABLE',
    `no engine socket: tried ${tried.join(', ')}. ${cure}`,
  )
}

/** The endpoint as a URL for messages: `unix:///var/run/docker.sock`. */
export function endpointUrl(endpoint: Endpoint): string {
  return endpoint.kind === 'unix' ? `unix://${endpoint.socketPath}` : `tcp://${endpoint.host}:${endpoint.port}`
}
