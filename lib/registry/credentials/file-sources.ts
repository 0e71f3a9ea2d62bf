import { CredentialError } from '../../base/errors.ts'
import type { Env, Files, Log } from '../../base/ports.ts'
import type { AuthEntry } from './auth-entry.ts'
import { readConfigFile, type ConfigFile } from './config-file.ts'
import type { CredentialListing, CredentialSource, ResolvedCredential, Target } from './credential.ts'
import { findAuth, listAuths, listing } from './entries.ts'
import { askHelper, type HelperRunner } from './helper.ts'
import { registryNames } from './keys.ts'
import { dockerConfigPath, podmanAuthPaths } from './places.ts'

/** What the sources in files need. */
export interface FileSetting {
  readonly env: Env
  readonly files: Pick<Files, 'readText'> & Partial<Pick<Files, 'mode'>>
  readonly helpers: HelperRunner
  readonly warn: Log['warn']
}

/** Docker's `config.json`: the helper of the registry, else the store, else `auths`. */
export function dockerConfigSource(setting: FileSetting): CredentialSource {
  const read = () => readLogins(dockerConfigPath(setting.env), setting)
  return {
    find: async (target) => {
      const file = await read()
      if (file === undefined) return undefined
      const [server = '', ...aliases] = registryNames(target.registry)
      const own = [server, ...aliases].find((name) => file.credHelpers.has(name))
      const suffix = own === undefined ? file.credsStore : (file.credHelpers.get(own) ?? '')
      // Where a helper is in charge the file's own secrets are not consulted, whatever the helper says.
      if (suffix !== '') return fromHelper(suffix, server, target, setting)
      return findAuth(file.auths, sourceOf(file), target, setting.warn)
    },
    list: async () => {
      const file = await read()
      if (file === undefined) return []
      const inFile = file.credsStore === '' ? listAuths(file.auths, sourceOf(file)) : []
      const inStore = file.credsStore === '' ? [] : [{ registry: '*', source: helperName(file.credsStore) }]
      return [...listHelpers(file), ...inFile, ...inStore]
    },
  }
}

/** Podman's `auth.json` files: the entry of the longest part of `registry/name/space` counts. */
export function podmanSource(setting: FileSetting): CredentialSource {
  const { env, warn } = setting
  const read = async (path: string): Promise<ConfigFile | undefined> => {
    const file = await readLogins(path, setting)
    if (file !== undefined || path !== env['REGISTRY_AUTH_FILE']) return file
    throw new CredentialError('CREDENTIALS_INVALID', `REGISTRY_AUTH_FILE names ${path}, which is not there`)
  }
  return {
    find: async (target) => {
      for (const path of podmanAuthPaths(env)) {
        const file = await read(path)
        if (file === undefined) continue
        const suffix = file.credHelpers.get(target.registry) ?? ''
        const found =
          suffix === ''
            ? findAuth(forNamespace(file.auths, target), sourceOf(file), target, warn)
            : await fromHelper(suffix, target.registry, target, setting)
        if (found !== undefined) return found
      }
      return undefined
    },
    list: async () => {
      const files = await Promise.all(podmanAuthPaths(env).map(read))
      return files.flatMap((file) => (file === undefined ? [] : [...listHelpers(file), ...listParts(file)]))
    },
  }
}

// containers/image pkg/docker/config authKeyLookupOrder. A key with a namespace says nothing about the rest of its registry.
function forNamespace(auths: ReadonlyMap<string, AuthEntry>, target: Target): ReadonlyMap<string, AuthEntry> {
  const parts = (target.repository ?? '').split('/').filter((part) => part !== '')
  for (let length = parts.length; length > 0; length--) {
    const entry = auths.get([target.registry, ...parts.slice(0, length)].join('/'))
    if (entry !== undefined) return new Map([[target.registry, entry]])
  }
  return new Map([...auths].filter(([key]) => !isNamespace(key)))
}

function isNamespace(key: string): boolean {
  return /^(?!https?:\/\/)[^/]+\/./.test(key)
}

async function readLogins(path: string, { files, warn }: FileSetting): Promise<ConfigFile | undefined> {
  const file = await readConfigFile(path, files)
  const mode = file === undefined || file.auths.size === 0 ? undefined : await files.mode?.(path)
  if (mode !== undefined && (mode & 0o044) !== 0)
    warn(`others may read the logins in ${path}: chmod 600 it`, { path, mode: (mode & 0o777).toString(8) })
  return file
}

async function fromHelper(
  suffix: string,
  server: string,
  target: Target,
  { helpers }: FileSetting,
): Promise<ResolvedCredential | undefined> {
  const auth = await askHelper(suffix, server, helpers)
  if (auth !== undefined) return { auth, source: helperName(suffix) }
  target.notes.push(`${helperName(suffix)} has none`)
  return undefined
}

function listHelpers(file: ConfigFile): CredentialListing[] {
  return [...file.credHelpers]
    .filter(([, suffix]) => suffix !== '')
    .map(([key, suffix]) => listing(key, helperName(suffix)))
}

function listParts(file: ConfigFile): CredentialListing[] {
  return [...file.auths]
    .filter(([, entry]) => typeof entry === 'object')
    .map(([key]) => (isNamespace(key) ? { registry: key, source: sourceOf(file) } : listing(key, sourceOf(file))))
}

function sourceOf(file: ConfigFile): string {
  return `auths of ${file.path}`
}

function helperName(suffix: string): string {
  return `credential helper ${suffix}`
}
