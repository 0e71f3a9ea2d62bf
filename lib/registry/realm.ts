import { CredentialError } from '../base/errors.ts'

/** A token server that a registry named, judged. */
export interface TokenServer {
  readonly url: URL
  /** Whether the registry's credential may go there. */
  readonly trusted: boolean
  /** Which addresses it may be at. */
  readonly addresses: 'any' | 'public'
}

/** Token servers that may have a registry's credential besides the registry itself: by registry, hosts with their ports. */
export type TrustedRealms = Readonly<Record<string, readonly string[]>>

const BUILT_IN: TrustedRealms = {
  'docker.io': ['auth.docker.io'],
  'registry.gitlab.com': ['gitlab.com'],
}

export interface RealmQuestion {
  /** As in references, for instance `docker.io`. */
  readonly registry: string
  /** Where the registry is spoken to. */
  readonly origin: URL
  readonly realm: string | undefined
  readonly realms: TrustedRealms
}

/**
 * The one judge of realms, for every way to a token. A realm is a registry's word for "send the password there", so it
 * gets one only on the registry's own host and port, on a built-in pair, or on a host the operator listed; and a
 * stranger may not send us to addresses that only we can reach (CVE-2020-15157, CVE-2026-33990, go-containerregistry
 * #2193).
 *
 * @throws CredentialError `REALM_REFUSED`, naming both hosts
 */
export function judgeRealm({ registry, origin, realm, realms }: RealmQuestion): TokenServer {
  const refuse = (rule: string): CredentialError =>
    new CredentialError('REALM_REFUSED', `${registry} names a token server that is refused: ${rule}`, {
      facts: { registry },
    })
  if (realm === undefined || realm === '') throw refuse('it names none')
  const url = URL.parse(realm, origin.href)
  if (url === null || url.hostname === '') throw refuse('it is not a URL')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse(`${url.protocol} is not https:`)
  if (url.protocol === 'http:' && origin.protocol === 'https:')
    throw refuse(`http://${url.host} would show the credential to everybody on the way`)
  if (url.username !== '' || url.password !== '') throw refuse(`the URL at ${url.host} holds a user name`)
  url.hash = ''

  const isSelf = url.host === origin.host
  const listed = trustedHosts(realms, registry).includes(url.host)
  const paired = trustedHosts(BUILT_IN, registry).includes(url.host)
  if (url.protocol === 'http:' && !isSelf && !listed)
    throw refuse(`http://${url.host} is another host, and without TLS anybody could be it`)
  return {
    url,
    trusted: isSelf || listed || paired,
    // The registry's own machine and what the operator listed are meant; all else must be reachable from everywhere.
    addresses: isSelf || listed || url.hostname === origin.hostname ? 'any' : 'public',
  }
}

/** The refusal to send a credential to a token server that nobody vouched for. */
export function untrustedRealm(registry: string, server: TokenServer): CredentialError {
  return new CredentialError(
    'REALM_REFUSED',
    `${registry} asks to send its credential to ${server.url.host}, another host: nothing was sent. ` +
      `If that is its token server, list ${server.url.host} as a realm of ${registry}.`,
    { facts: { registry, realm: server.url.host } },
  )
}

function trustedHosts(realms: TrustedRealms, registry: string): readonly string[] {
  return Object.hasOwn(realms, registry) ? (realms[registry] ?? []) : []
}
