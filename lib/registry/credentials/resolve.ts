import type { Clock, Env, Files, Log } from '../../base/ports.ts'
import type { RegistryAuth } from '../../base/registry-auth.ts'
import { silentLog, systemClock } from '../../base/system.ts'
import type { CredentialListing, CredentialSource, ResolvedCredential, Target } from './credential.ts'
import { dockerAuthConfigSource, explicitSource, ghcrSource } from './env-sources.ts'
import { dockerConfigSource, podmanSource } from './file-sources.ts'
import { forOnePoll, systemHelpers, type HelperRunner } from './helper.ts'
import { canonicalRegistry } from './keys.ts'

export type { CredentialListing, ResolvedCredential } from './credential.ts'

/** Finds credentials. */
export interface Credentials {
  /**
   * Finds the credential for one registry, by its exact host and port. Files and variables are read anew, so that a
   * rotated login is used at once. What a helper gives may expire: it is kept for 20 s, less than the shortest poll, and
   * nobody should keep it longer.
   *
   * @param registry as in a reference: `ghcr.io`, `127.0.0.1:5000`, `docker.io`
   * @param repository lets podman's entries for a part of a registry match
   * @throws CredentialError `CREDENTIALS_INVALID`, `CREDENTIAL_HELPER_FAILED`: never a silent step to the next place
   */
  resolve(registry: string, repository?: string): Promise<ResolvedCredential>
  /** Hosts and sources, for people. No helper is asked. @throws CredentialError `CREDENTIALS_INVALID` */
  list(): Promise<CredentialListing[]>
}

export interface CredentialsOptions {
  readonly env: Env
  readonly files: Pick<Files, 'readText'> & Partial<Pick<Files, 'mode'>>
  /** By registry host; wins over every other place. */
  readonly explicit?: Readonly<Record<string, RegistryAuth>> | undefined
  /** Runs credential helpers; default as programs of the machine. */
  readonly helpers?: HelperRunner | undefined
  /** Default the machine's own. */
  readonly clock?: Pick<Clock, 'monotonic'> | undefined
  /** Hears of half pairs, unreadable entries and open file modes, once each. */
  readonly log?: Log | undefined
}

/**
 * Credentials in docker's order: explicit, `GHCR_USER` with `GHCR_TOKEN`, `DOCKER_AUTH_CONFIG`, docker's `config.json`
 * (helper before `auths`), podman's `auth.json`, anonymous. Nothing is read before the first question.
 */
export function createCredentials(options: CredentialsOptions): Credentials {
  const { env, files, explicit = {} } = options
  const helpers = forOnePoll(options.helpers ?? systemHelpers(env), options.clock ?? systemClock)
  const warn = once(options.log ?? silentLog)
  const setting = { env, files, helpers, warn }
  const sources: CredentialSource[] = [
    explicitSource(explicit),
    ghcrSource(env, files, warn),
    dockerAuthConfigSource(env, warn),
    dockerConfigSource(setting),
    podmanSource(setting),
  ]
  return {
    resolve: async (registry, repository) => {
      const target: Target = { registry: canonicalRegistry(registry), repository, notes: [] }
      for (const source of sources) {
        const found = await source.find(target)
        if (found !== undefined) return found
      }
      const why = target.notes.length === 0 ? '' : ` (${target.notes.join('; ')})`
      return { auth: undefined, source: `anonymous${why}` }
    },
    list: async () => {
      const listed = new Map<string, CredentialListing>()
      for (const source of sources) {
        for (const listing of await source.list())
          if (!listed.has(listing.registry)) listed.set(listing.registry, listing)
      }
      return [...listed.values()]
    },
  }
}

// A watcher asks at every tick; its log need not say the same each time.
function once(log: Log): Log['warn'] {
  const said = new Set<string>()
  return (message, fields) => {
    if (said.has(message)) return
    said.add(message)
    log.warn(message, fields)
  }
}
