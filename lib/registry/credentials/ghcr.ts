import { CredentialError } from '../../base/errors.ts'
import type { Env, Files } from '../../base/ports.ts'
import type { RegistryAuth } from '../../base/registry-auth.ts'
import { Secret } from '../../base/secret.ts'
import { canonicalRegistry } from './keys.ts'

/** The pair of `GHCR_USER` and `GHCR_TOKEN`, or why there is none. */
export interface GhcrPair {
  readonly auth: RegistryAuth | undefined
  /** The variables that were used: names only. */
  readonly source: string
  /** Half a pair: nothing is sent, and somebody should hear of it. */
  readonly warning?: string | undefined
}

const MAX_SECRET_BYTES = 64 << 10

/** The hosts that the pair may be sent to: GHCR, and the registry that the workspace images come from. */
export function ghcrHosts(env: Env): string[] {
  const prefix = (env['MOLECULE_IMAGE_REGISTRY'] ?? '').trim()
  const host = canonicalRegistry(prefix.split('/', 1)[0] as string)
  return host === '' || host === 'ghcr.io' ? ['ghcr.io'] : ['ghcr.io', host]
}

/**
 * Reads the pair, each half from its variable or from the file that `…_FILE` names. White space around is dropped.
 *
 * @throws CredentialError `CREDENTIALS_INVALID` when a half has white space or control characters inside, comes from two
 * places, or from a file that is not there
 */
export async function readGhcrPair(env: Env, files: Pick<Files, 'readText'>): Promise<GhcrPair> {
  const user = await readHalf('GHCR_USER', env, files)
  const token = await readHalf('GHCR_TOKEN', env, files)
  if (user.value !== '' && token.value !== '') {
    const auth = { username: user.value, password: new Secret(token.value) }
    return { auth, source: `${user.name} and ${token.name}` }
  }
  if (user.value === token.value) return { auth: undefined, source: 'GHCR_USER and GHCR_TOKEN' }
  const [set, unset] = user.value === '' ? [token, user] : [user, token]
  return {
    auth: undefined,
    source: set.name,
    warning: `${set.name} is set but ${unset.name} is not: both are needed, so neither is used`,
  }
}

async function readHalf(
  variable: string,
  env: Env,
  files: Pick<Files, 'readText'>,
): Promise<{ name: string; value: string }> {
  const path = (env[`${variable}_FILE`] ?? '').trim()
  const inline = (env[variable] ?? '').trim()
  if (path !== '' && inline !== '') throw invalid(`set ${variable} or ${variable}_FILE, not both`)
  const name = path === '' ? variable : `${variable}_FILE`
  const value = path === '' ? inline : await readSecret(name, path, files)
  // A header made of it would break: RFC 9110 forbids control characters, and no user name or token holds a space.
  if (/[\s\p{Cc}]/u.test(value)) throw invalid(`${name} holds white space or control characters inside`)
  return { name, value }
}

async function readSecret(name: string, path: string, files: Pick<Files, 'readText'>): Promise<string> {
  let text: string | undefined
  try {
    text = await files.readText(path, MAX_SECRET_BYTES)
  } catch (cause) {
    throw invalid(`${name} names ${path}, which cannot be read`, cause)
  }
  if (text === undefined) throw invalid(`${name} names ${path}, which is not there`)
  return text.trim()
}

function invalid(message: string, cause?: unknown): CredentialError {
  return new CredentialError('CREDENTIALS_INVALID', message, { cause })
}
