import {
  AbortedError,
  ConnectionError,
  ProtocolError,
  TimeoutError,
  isDockerError,
  type DockerError,
} from '../base/errors.ts'
import { AddressRefused } from './addresses.ts'
import type { HttpRequest } from './http.ts'

const TLS_CODES =
  /^(?:ERR_TLS|ERR_SSL|CERT_|CRL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|INVALID_CA|PATH_LENGTH|HOSTNAME_MISMATCH|ERROR_IN_CERT|EPROTO)/
const RESET_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED'])
const PLAIN_HTTP_CODES: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'EPROTO',
  'ECONNREFUSED',
])

/**
 * The one place where a failed connection becomes an error. What undici threw is not kept as a cause, for some of its
 * errors carry bytes of the answer; `facts.reason` has its code.
 */
export function connectionFailure(cause: unknown, { method, url, signal }: HttpRequest): DockerError {
  if (isDockerError(cause)) return cause
  const reason = (cause as { code?: string }).code ?? (cause instanceof Error ? cause.name : 'unknown')
  const { host, pathname: path } = url
  const details = { method, path, facts: { host, reason } }
  if (signal?.aborted === true)
    return isDockerError(signal.reason)
      ? signal.reason
      : new AbortedError('ABORTED', `${method} ${path} at ${host} was aborted by its caller`, details)
  if (cause instanceof AddressRefused)
    return new ConnectionError('REALM_REFUSED', `refused to connect to ${host}: ${cause.message}`, {
      ...details,
      facts: { host, address: cause.address },
    })
  if (TLS_CODES.test(reason))
    return new ConnectionError('TLS', `no trusted TLS connection to ${host} (${reason}). ${tlsCure(reason)}`, details)
  if (reason === 'UND_ERR_HEADERS_TIMEOUT' || reason === 'UND_ERR_BODY_TIMEOUT')
    return new TimeoutError('TIMEOUT', `${host} did not answer ${method} ${path} in time`, details)
  if (
    reason === 'UND_ERR_HEADERS_OVERFLOW' ||
    /^(?:HPE_|HTTPParserError)/.test(reason) ||
    reason.startsWith('UND_ERR_RE')
  )
    return new ProtocolError(
      'PROTOCOL_VIOLATION',
      `${host} answered with broken or oversized HTTP (${reason})`,
      details,
    )
  const what = RESET_CODES.has(reason) ? `the connection to ${host} was cut` : `cannot reach ${host}`
  return new ConnectionError('REGISTRY_UNAVAILABLE', `${what} (${reason}) at ${method} ${path}`, details)
}

/** True for a connection that was there and was cut: worth another try. */
export function isReset(error: unknown): boolean {
  return isDockerError(error) && RESET_CODES.has(String(error.facts['reason']))
}

/** True when https failed the way it does where only http is spoken, or nothing at all: never for a bad certificate. */
export function speaksNoTls(error: unknown): boolean {
  return isReset(error) || (isDockerError(error) && PLAIN_HTTP_CODES.has(String(error.facts['reason'])))
}

function tlsCure(reason: string): string {
  if (reason === 'CERT_HAS_EXPIRED') return 'Its certificate has expired.'
  if (reason === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'Its certificate is for another name.'
  return 'If it has a CA of its own, pass its certificate with --ca; if it speaks http only, declare it insecure.'
}
