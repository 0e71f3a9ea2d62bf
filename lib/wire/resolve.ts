import { homedir } from 'node:os'
import { join } from 'node:path'

import { InputError } from '../base/errors.ts'
import type { Env, Files } from '../base/ports.ts'
import { currentContext, readContext } from './context.ts'
import type { Endpoint, TlsMaterial } from './endpoint.ts'
import { parseHost } from './host.ts'
import { probeSockets } from './sockets.ts'
import { tlsFromEnv } from './tls.ts'

export interface ResolveOptions {
  /** `unix:///path`, `tcp://host:port`, `ssh://user@host`, … Wins over the environment. */
  readonly host?: string | undefined
  /** Name of a docker context. Wins over the environment. */
  readonly context?: string | undefined
  /** For `host`: what TLS is made with, instead of `DOCKER_CERT_PATH`. */
  readonly tls?: TlsMaterial | undefined
  readonly env: Env
  readonly files: Pick<Files, 'probe' | 'readText'>
}

/**
 * Chooses the engine the way the docker CLI does: the `host` or `context` option, else `DOCKER_HOST`, else
 * `DOCKER_CONTEXT`, else `currentContext` of config.json, else the first default socket that is there.
 *
 * @throws InputError `INPUT_INVALID` for a host that cannot be read, `CONFIG_INVALID` for a context or TLS material
 * @throws ConnectionError `ENGINE_UNREACHABLE` or `ENGINE_PERMISSION`, naming every path that was tried
 */
export async function resolveEndpoint(options: ResolveOptions): Promise<Endpoint> {
  const { env, files } = options
  const home = env['HOME'] ?? homedir()
  const configDir = given(env['DOCKER_CONFIG']) ?? join(home, '.docker')
  const host = given(options.host)
  const context = given(options.context)
  if (host !== undefined && context !== undefined)
    throw new InputError('INPUT_INVALID', 'a host and a context are both named: leave one of them out')

  const byHost = async (text: string, source: string): Promise<Endpoint> => {
    const secure = !/^(?:unix|npipe|ssh|http):/.test(text)
    return parseHost(text, source, options.tls ?? (secure ? await tlsFromEnv(env, configDir, files) : undefined))
  }
  const byContext = (name: string, source: string): Promise<Endpoint> =>
    name === 'default' ? probeSockets(env, home, files) : readContext(name, source, configDir, files)

  if (host !== undefined) return byHost(host, 'the host option')
  if (context !== undefined) return byContext(context, 'the context option')
  const hostOfEnv = given(env['DOCKER_HOST'])
  if (hostOfEnv !== undefined) return byHost(hostOfEnv, 'DOCKER_HOST')
  const contextOfEnv = given(env['DOCKER_CONTEXT'])
  if (contextOfEnv !== undefined) return byContext(contextOfEnv, 'DOCKER_CONTEXT')
  const current = given(await currentContext(configDir, files))
  return current === undefined ? probeSockets(env, home, files) : byContext(current, `currentContext of ${configDir}`)
}

// Files and shells leave a newline behind.
function given(text: string | undefined): string | undefined {
  const trimmed = text?.trim()
  return trimmed === '' ? undefined : trimmed
}
