import type { Env, Files, Log } from '../../lib/base/ports.ts'
import type { RegistryAuth } from '../../lib/base/registry-auth.ts'
import { reveal } from '../../lib/base/secret.ts'
import type { HelperRunner } from '../../lib/registry/credentials/helper.ts'
import { createCredentials, type Credentials } from '../../lib/registry/credentials/resolve.ts'

/** A small world for the credential chain: an environment, files by path, helpers by suffix, and what was logged. */
export interface CredentialWorld {
  credentials: Credentials
  files: Map<string, string>
  env: Record<string, string | undefined>
  log: string[]
  /** What helpers were asked: `suffix server`. */
  asked: string[]
}

export interface WorldOptions {
  env?: Env
  files?: Readonly<Record<string, string>>
  helpers?: HelperRunner
  explicit?: Readonly<Record<string, RegistryAuth>>
  modes?: Readonly<Record<string, number>>
}

export const DOCKER_CONFIG = '/home/u/.docker/config.json'

export function credentialWorld(options: WorldOptions = {}): CredentialWorld {
  const files = new Map(Object.entries(options.files ?? {}))
  const env: Record<string, string | undefined> = { HOME: '/home/u', ...options.env }
  const log: string[] = []
  const asked: string[] = []
  const port: Pick<Files, 'readText' | 'mode'> = {
    readText: async (path) => files.get(path),
    mode: async (path) => (files.has(path) ? (options.modes?.[path] ?? 0o600) : undefined),
  }
  const keep: Log['warn'] = (message, fields) => log.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const helpers: HelperRunner = async (suffix, input) => {
    asked.push(`${suffix} ${input}`)
    return (await options.helpers?.(suffix, input)) ?? { exitCode: undefined, stdout: '', failure: 'no such program' }
  }
  const credentials = createCredentials({
    env,
    files: port,
    helpers,
    explicit: options.explicit,
    log: { info: keep, warn: keep },
  })
  return { credentials, files, env, log, asked }
}

/** A config.json that holds these entries under `auths`. */
export function configWith(auths: Readonly<Record<string, unknown>>, rest: object = {}): Record<string, string> {
  // not a literal, in which "__proto__" would be no key
  const members = Object.entries(auths).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
  const others = Object.entries(rest).map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`)
  return { [DOCKER_CONFIG]: `{"auths":{${members.join(',')}}${others.join('')}}` }
}

/** `user:password` as config.json keeps it. */
export function basic(pair: string): { auth: string } {
  return { auth: Buffer.from(pair).toString('base64') }
}

/** A credential as text, with its secret: for comparing in specs only. */
export function shown(auth: RegistryAuth | undefined): string {
  if (auth === undefined) return 'none'
  if ('identitytoken' in auth) return `identity ${reveal(auth.identitytoken)}`
  if ('registrytoken' in auth) return `registry ${reveal(auth.registrytoken)}`
  return `${auth.username} ${reveal(auth.password)}`
}
