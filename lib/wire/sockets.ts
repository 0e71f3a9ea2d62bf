import { join } from 'node:path'

import { ConnectionError } from '../base/errors.ts'
import type { Env, Files } from '../base/ports.ts'
import type { Endpoint } from './endpoint.ts'
import { START_ENGINE, joinGroup } from './failure.ts'

/** The default sockets in the order in which they are tried: system, rootless, Desktop, others, podman. */
export function defaultSockets(env: Env, home: string): string[] {
  const runtime = env['XDG_RUNTIME_DIR'] ?? ''
  const ofUser = (path: string): string[] => (runtime === '' ? [] : [join(runtime, path)])
  return [
    '/var/run/docker.sock',
    ...ofUser('docker.sock'),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    join(home, '.config/colima/default/docker.sock'),
    join(home, '.orbstack/run/docker.sock'),
    join(home, '.rd/docker.sock'),
    ...ofUser('podman/podman.sock'),
    '/run/podman/podman.sock',
    join(home, '.local/share/containers/podman/machine/podman.sock'),
  ]
}

const PIPE = '\\\\.\\pipe\\docker_engine'

/**
 * The first default socket that is there, or on Windows the default pipe.
 *
 * @throws ConnectionError `ENGINE_UNREACHABLE` or `ENGINE_PERMISSION`, naming every path that was tried
 */
export async function probeSockets(env: Env, home: string, files: Pick<Files, 'probe'>): Promise<Endpoint> {
  if (env['OS'] === 'Windows_NT') return { kind: 'npipe', pipePath: PIPE, source: 'the default pipe' }
  const tried: string[] = []
  let denied: string | undefined
  for (const socketPath of defaultSockets(env, home)) {
    const found = await files.probe(socketPath)
    if (found === 'socket') {
      const passed = denied === undefined ? '' : `, after ${denied}, which may not be opened`
      return { kind: 'unix', socketPath, source: `the first default socket that is there${passed}` }
    }
    if (found === 'denied') denied ??= socketPath
    tried.push(`${socketPath} (${WORDS[found]})`)
  }
  throw new ConnectionError(
    denied === undefined ? 'ENGINE_UNREACHABLE' : 'ENGINE_PERMISSION',
    `no engine socket: tried ${tried.join(', ')}. ${denied === undefined ? START_ENGINE : joinGroup(denied)}`,
  )
}

const WORDS = {
  absent: 'absent',
  denied: 'no permission',
  directory: 'a directory, not a socket',
  file: 'a file, not a socket',
  other: 'not a socket',
} as const
