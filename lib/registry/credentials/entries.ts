import type { Log } from '../../base/ports.ts'
import type { AuthEntry } from './auth-entry.ts'
import type { CredentialListing, ResolvedCredential, Target } from './credential.ts'
import { canonicalRegistry, findEntry, hostOfKey } from './keys.ts'

/** The credential of a registry among entries. An unreadable one is skipped and named by its key, never by its text. */
export function findAuth(
  auths: ReadonlyMap<string, AuthEntry>,
  source: string,
  target: Target,
  warn: Log['warn'],
): ResolvedCredential | undefined {
  const bad = new Map([...auths].filter(([, entry]) => entry === 'unreadable'))
  for (const key of bad.keys()) warn(`${badEntry(key, source)} and skipped`, { code: 'CREDENTIALS_INVALID', key })
  const readable = new Map([...auths].filter(([key]) => !bad.has(key)))
  const entry = findEntry(readable, target.registry)?.[1]
  if (typeof entry === 'object') return { auth: entry, source }
  const skipped = findEntry(bad, target.registry)?.[0]
  if (skipped !== undefined) target.notes.push(badEntry(skipped, source))
  return undefined
}

/** The registries among entries that hold a credential. */
export function listAuths(auths: ReadonlyMap<string, AuthEntry>, source: string): CredentialListing[] {
  return [...auths].filter(([, entry]) => typeof entry === 'object').map(([key]) => listing(key, source))
}

/** A listing for a key of a file. */
export function listing(key: string, source: string): CredentialListing {
  return { registry: canonicalRegistry(hostOfKey(key)), source }
}

function badEntry(key: string, source: string): string {
  return `the entry ${JSON.stringify(key)} in ${source} is unreadable`
}
