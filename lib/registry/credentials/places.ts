import { homedir } from 'node:os'
import { join } from 'node:path'

import type { Env } from '../../base/ports.ts'

/** Docker's file: `DOCKER_CONFIG` names its directory. */
export function dockerConfigPath(env: Env): string {
  return join(textAt(env, 'DOCKER_CONFIG') ?? join(home(env), '.docker'), 'config.json')
}

/** Podman's files in the order in which they are read (containers/image pkg/docker/config). */
export function podmanAuthPaths(env: Env): string[] {
  const named = textAt(env, 'REGISTRY_AUTH_FILE')
  if (named !== undefined) return [named]
  const runtime = textAt(env, 'XDG_RUNTIME_DIR')
  const config = textAt(env, 'XDG_CONFIG_HOME') ?? join(home(env), '.config')
  return [
    ...(runtime === undefined ? [] : [join(runtime, 'containers/auth.json')]),
    join(config, 'containers/auth.json'),
  ]
}

function home(env: Env): string {
  return textAt(env, 'HOME') ?? homedir()
}

function textAt(env: Env, name: string): string | undefined {
  const value = env[name]
  return value === '' ? undefined : value
}
