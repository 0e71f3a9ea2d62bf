/** Why a request is not even looked at. */
export interface Refusal {
  readonly status: 400 | 403 | 421
  readonly error: string
}

/** Names that always mean this machine itself. */
export const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/**
 * Keeps web pages out. A page of another site can send requests here from its visitor's browser, also to a loopback
 * address, and with DNS rebinding it can read the answers; but then `Host` or `Origin` bears its name.
 *
 * @param hosts the names this service goes by, without port, lower case
 */
export function refuseForeign(headers: Headers, hosts: ReadonlySet<string>): Refusal | undefined {
  const host = headers.get('host')
  if (host === null) return { status: 400, error: 'the request has no Host header' }
  const name = hostName(host)
  if (name === undefined || !hosts.has(name))
    return { status: 421, error: 'this service does not go by that Host: add it with --allow-host' }
  const origin = headers.get('origin')
  if (origin !== null && origin !== `http://${host}` && origin !== `https://${host}`)
    return { status: 403, error: 'requests of other web sites are refused' }
  const site = headers.get('sec-fetch-site')
  const navigates = headers.get('sec-fetch-mode') === 'navigate' && origin === null
  if (site !== null && site !== 'same-origin' && site !== 'none' && !navigates)
    return { status: 403, error: 'requests of other web sites are refused' }
  return undefined
}

/** The name in a Host header: without port, lower case. `undefined` for what is no host. */
export function hostName(host: string): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.exec(host.toLowerCase())?.[1]
}
