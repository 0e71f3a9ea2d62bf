import type { Env, Files, Log } from '../../base/ports.ts'
import type { RegistryAuth } from '../../base/registry-auth.ts'
import type { AuthEntry } from './auth-entry.ts'
import { parseObject, readAuths } from './config-file.ts'
import type { CredentialSource } from './credential.ts'
import { findAuth, listAuths, listing } from './entries.ts'
import { ghcrHosts, readGhcrPair } from './ghcr.ts'
import { findEntry } from './keys.ts'

const GIVEN = 'the credentials given'

/** What the caller gave. */
export function explicitSource(explicit: Readonly<Record<string, RegistryAuth>>): CredentialSource {
  const entries = new Map(Object.entries(explicit))
  return {
    find: async ({ registry }) => {
      const entry = findEntry(entries, registry)
      return entry === undefined ? undefined : { auth: entry[1], source: GIVEN }
    },
    list: async () => [...entries.keys()].map((key) => listing(key, GIVEN)),
  }
}

/** `GHCR_USER` and `GHCR_TOKEN`. */
export function ghcrSource(env: Env, files: Pick<Files, 'readText'>, warn: Log['warn']): CredentialSource {
  return {
    find: async (target) => {
      if (!ghcrHosts(env).includes(target.registry)) return undefined
      const { auth, source, warning } = await readGhcrPair(env, files)
      if (auth !== undefined) return { auth, source }
      if (warning === undefined) return undefined
      warn(warning, { code: 'CREDENTIALS_INVALID' })
      target.notes.push(warning)
      return undefined
    },
    list: async () => {
      const { auth, source } = await readGhcrPair(env, files)
      return auth === undefined ? [] : ghcrHosts(env).map((registry) => ({ registry, source }))
    },
  }
}

/** `DOCKER_AUTH_CONFIG`: before the files, which stay behind it for other registries. */
export function dockerAuthConfigSource(env: Env, warn: Log['warn']): CredentialSource {
  const name = 'DOCKER_AUTH_CONFIG'
  const read = (): ReadonlyMap<string, AuthEntry> => {
    const text = env[name] ?? ''
    if (text === '') return new Map()
    const value = parseObject(text)
    if (value !== undefined && Object.keys(value).every((key) => key === 'auths')) return readAuths(value)
    // Docker says so and goes on with its file (docker/cli configfile/file.go).
    warn(`${name} is ignored: it is not {"auths": {…}} and nothing else`, { code: 'CREDENTIALS_INVALID' })
    return new Map()
  }
  return {
    find: async (target) => findAuth(read(), name, target, warn),
    list: async () => listAuths(read(), name),
  }
}
