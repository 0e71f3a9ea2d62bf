import { InputError } from './errors.ts'
import { Secret, reveal } from './secret.ts'

/** A credential for one registry. */
export type RegistryAuth =
  | { readonly username: string; readonly password: string | Secret }
  | { readonly identitytoken: string | Secret }
  | { readonly registrytoken: string | Secret }

/** Docker Hub's name in credentials, wherever `docker.io` is meant. */
export const HUB_KEY = 'https://index.docker.io/v1/'

/**
 * The value of the `X-Registry-Auth` header, for images of one registry.
 *
 * It is base64url **with** padding: engines decode with Go's `base64.URLEncoding` and drop in silence what does not fit,
 * so that the pull goes on without a login (moby daemon/server/router/image). The containerd image store also drops a
 * credential whose `serveraddress` is not the image's registry, hence it is always derived here.
 */
export function encodeRegistryAuth(auth: RegistryAuth, registry: string): string {
  return paddedBase64Url({ ...plain(auth), serveraddress: serverAddress(registry) })
}

/** The value of `X-Registry-Config`, the header of builds: credentials by registry host. */
export function encodeRegistryConfig(auths: Readonly<Record<string, RegistryAuth>>): string {
  const entries = Object.entries(auths).map(([registry, auth]) => [
    serverAddress(registry),
    { ...plain(auth), serveraddress: serverAddress(registry) },
  ])
  return paddedBase64Url(Object.fromEntries(entries))
}

/** What of a login must not be shown: the password, and the pair as HTTP Basic carries it. */
export function loginSecrets(username: string, password: string): string[] {
  const pair = `${username}:${password}`
  return [password, pair, Buffer.from(pair).toString('base64')]
}

/** What of a credential must not be shown. */
export function secretsOf(auth: RegistryAuth): string[] {
  if ('identitytoken' in auth) return loginSecrets('', reveal(auth.identitytoken))
  if ('registrytoken' in auth) return [reveal(auth.registrytoken)]
  return loginSecrets(auth.username, reveal(auth.password))
}

function serverAddress(registry: string): string {
  return registry === 'docker.io' ? HUB_KEY : registry
}

function plain(auth: RegistryAuth): Record<string, string> {
  const given: unknown = auth
  if (!isAuth(given))
    throw new InputError(
      'INPUT_INVALID',
      'auth is no credential: give { username, password }, { identitytoken } or { registrytoken }, each a text or a Secret',
    )
  if ('identitytoken' in auth && auth.identitytoken !== undefined) return { identitytoken: reveal(auth.identitytoken) }
  if ('registrytoken' in auth && auth.registrytoken !== undefined) return { registrytoken: reveal(auth.registrytoken) }
  const { username, password } = auth as { username: string; password: string | Secret }
  return { username, password: reveal(password) }
}

// What plain JavaScript may give; the value itself may be a secret, so that no message shows it.
function isAuth(auth: unknown): boolean {
  if (typeof auth !== 'object' || auth === null) return false
  const { identitytoken, registrytoken, username, password } = auth as Record<string, unknown>
  const texts =
    identitytoken !== undefined ? [identitytoken] : registrytoken !== undefined ? [registrytoken] : [username, password]
  return texts.every((text) => typeof text === 'string' || text instanceof Secret)
}

// Not Buffer's 'base64url', which leaves the padding out.
function paddedBase64Url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}
