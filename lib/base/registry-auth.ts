import { reveal, type Secret } from './secret.ts'

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
  if ('identitytoken' in auth) return { identitytoken: reveal(auth.identitytoken) }
  if ('registrytoken' in auth) return { registrytoken: reveal(auth.registrytoken) }
  return { username: auth.username, password: reveal(auth.password) }
}

// Not Buffer's 'base64url', which leaves the padding out.
function paddedBase64Url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}
