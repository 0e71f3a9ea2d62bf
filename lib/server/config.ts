import { InputError } from '../base/errors.ts'
import type { Env, Files } from '../base/ports.ts'
import type { Secret } from '../base/secret.ts'
import { DEFAULT_LISTEN, readAddress, type ListenAddress } from './address.ts'
import { hostName } from './guard.ts'
import { HOOK_NAMES, type HookName } from './hooks/release.ts'
import { namedPaths, readFromFile, readSecret, type SecretFiles } from './secret-files.ts'
import { tokenProblems, type NamedToken } from './tokens.ts'

/** Flags of `dockline serve`; each has a variable of the environment, and wins over it. */
export interface ServeFlags {
  readonly listen?: string | undefined
  readonly allowHost?: readonly string[] | undefined
  /** `name=path` */
  readonly tokenFile?: readonly string[] | undefined
  /** `ghcr=path`, `dockerhub=path`, `distribution=path` */
  readonly hookSecretFile?: readonly string[] | undefined
  readonly notify?: string | undefined
  readonly notifySecretFile?: string | undefined
  readonly auditFile?: string | undefined
  readonly recover?: boolean | undefined
  readonly autoRefresh?: boolean | undefined
  /** Seconds. */
  readonly shutdownTimeout?: string | undefined
}

export interface ServeConfig {
  readonly listen: ListenAddress
  readonly hosts: readonly string[]
  readonly tokens: readonly NamedToken[]
  readonly hooks: Partial<Record<HookName, Secret>>
  readonly notify?: { readonly url: string; readonly secret: Secret } | undefined
  readonly auditFile?: string | undefined
  readonly recover: boolean
  readonly autoRefresh: boolean
  /** Milliseconds until a refresh under way must have come to a safe point at the end. */
  readonly shutdownTimeout: number
}

const SHUTDOWN_TIMEOUT = '30'

/**
 * Reads the configuration of the service from flags and environment.
 *
 * @param problems mistakes that others have found already, to be told in the same breath
 * @throws InputError `CONFIG_INVALID` with all mistakes in one message, without any secret
 */
export async function readServeConfig(
  flags: ServeFlags,
  env: Env,
  files: SecretFiles,
  problems: readonly string[] = [],
): Promise<ServeConfig> {
  const found = [...problems]
  const text = (flag: string | undefined, variable: string): string => (flag ?? env[variable] ?? '').trim()
  const many = (flag: readonly string[] | undefined, variable: string): readonly string[] =>
    flag ??
    (env[variable] ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  const yes = (variable: string): boolean => {
    const value = text(undefined, variable).toLowerCase()
    if (value !== '' && value !== 'true' && value !== 'false') found.push(`${variable}: write true or false`)
    return value === 'true'
  }

  const written = text(flags.listen, 'DOCKLINE_LISTEN') || DEFAULT_LISTEN
  const listen = readAddress(written)
  if (listen === undefined) found.push(`--listen ${JSON.stringify(written)}: write HOST:PORT or unix:/path`)
  const hosts = many(flags.allowHost, 'DOCKLINE_ALLOW_HOSTS')
  for (const host of hosts)
    if (hostName(host) !== host.toLowerCase())
      found.push(`--allow-host ${JSON.stringify(host)}: write a host name without port`)

  const tokens = await readTokens(many(flags.tokenFile, 'DOCKLINE_TOKEN_FILES'), env, files, found)
  const hooks = await readHooks(many(flags.hookSecretFile, 'DOCKLINE_HOOK_SECRET_FILES'), files, found)
  const url = text(flags.notify, 'DOCKLINE_NOTIFY_URL')
  const notifySecret = await readSecret(
    { variable: 'DOCKLINE_NOTIFY_SECRET', path: flags.notifySecretFile },
    env,
    files,
    found,
  )
  const notify = url === '' || notifySecret === undefined ? undefined : { url, secret: notifySecret }
  if (url !== '' && !isHttpUrl(url)) found.push('--notify: write an http:// or https:// URL without user and password')
  if (url !== '' && notifySecret === undefined)
    found.push(
      '--notify needs a secret to sign with: DOCKLINE_NOTIFY_SECRET, DOCKLINE_NOTIFY_SECRET_FILE or --notify-secret-file',
    )
  const seconds = text(flags.shutdownTimeout, 'DOCKLINE_SHUTDOWN_TIMEOUT') || SHUTDOWN_TIMEOUT
  if (!/^\d{1,4}$/.test(seconds)) found.push('--shutdown-timeout: write seconds, 9999 at most')
  const platform = text(undefined, 'MOLECULE_IMAGE_PLATFORM')
  if (platform !== '' && !/^[a-z0-9]+\/[a-z0-9]+(?:\/[a-z0-9]+)?$/.test(platform))
    found.push('MOLECULE_IMAGE_PLATFORM: write OS/ARCH or OS/ARCH/VARIANT')
  const recover = flags.recover ?? yes('DOCKLINE_RECOVER')
  const autoRefresh = flags.autoRefresh ?? yes('IMAGE_AUTO_REFRESH')

  if (found.length > 0 || listen === undefined) {
    const many = found.length === 1 ? 'a mistake' : `${found.length} mistakes`
    throw new InputError('CONFIG_INVALID', `${many} in the configuration: ${found.join('; ')}`, {
      facts: { problems: found },
    })
  }
  const auditFile = text(flags.auditFile, 'DOCKLINE_AUDIT_FILE') || undefined
  return {
    listen,
    hosts: [...hosts, ...ownNames(listen)],
    tokens,
    hooks,
    notify,
    auditFile,
    recover,
    autoRefresh,
    shutdownTimeout: Number(seconds) * 1000,
  }
}

// An address that was named is a name of the service; "all addresses" is none, but browsers would send it as one.
function ownNames(listen: ListenAddress): string[] {
  if (listen.kind === 'unix' || listen.host === '0.0.0.0' || listen.host === '::') return []
  return [listen.host.includes(':') ? `[${listen.host}]` : listen.host]
}

async function readTokens(
  written: readonly string[],
  env: Env,
  files: SecretFiles,
  found: string[],
): Promise<NamedToken[]> {
  const before = found.length
  const admin = await readSecret({ variable: 'ADMIN_TOKEN' }, env, files, found)
  const tokens: NamedToken[] = admin === undefined ? [] : [{ name: 'admin', secret: admin }]
  for (const [name, path] of namedPaths('--token-file', written, found)) {
    const secret = await readFromFile(`--token-file ${name}`, path, files, found)
    if (secret !== undefined) tokens.push({ name, secret })
  }
  // Without any token because none could be read is one mistake, not two.
  if (tokens.length > 0 || found.length === before) found.push(...tokenProblems(tokens))
  return tokens
}

async function readHooks(
  written: readonly string[],
  files: Pick<Files, 'readText'>,
  found: string[],
): Promise<ServeConfig['hooks']> {
  const hooks: Partial<Record<HookName, Secret>> = {}
  for (const [name, path] of namedPaths('--hook-secret-file', written, found)) {
    const known = HOOK_NAMES.find((hook) => hook === name)
    if (known === undefined)
      found.push(`--hook-secret-file ${JSON.stringify(name)}: known are ${HOOK_NAMES.join(', ')}`)
    const secret = await readFromFile(`--hook-secret-file ${name}`, path, files, found)
    if (known === undefined || secret === undefined) continue
    if (secret.reveal().length < 16) found.push(`--hook-secret-file ${name}: at least 16 characters are needed`)
    hooks[known] = secret
  }
  return hooks
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return /^https?:$/.test(protocol) && username === '' && password === ''
}
