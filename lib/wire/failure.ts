import {
  AbortedError,
  ApiError,
  ConnectionError,
  InputError,
  ProtocolError,
  TimeoutError,
  isDockerError,
  messageOf,
  printable,
  type DockerError,
  type ErrorCode,
  type ErrorDetails,
} from '../base/errors.ts'
import { isObject, parseJson, textAt } from '../base/json.ts'
import { redact as withoutCredentials, type Redactor } from '../base/redact.ts'

/** What a failure is told about: never the query, which may hold what must not be logged. */
export interface Where {
  readonly method: string
  readonly path: string
  /** The endpoint as a URL. */
  readonly endpoint: string
  /** Takes out of the engine's words what was sent and must not be shown. */
  readonly redact?: Redactor | undefined
}

const STATUS_CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  429: 'RATE_LIMITED',
}

/** The one place where a status becomes an error. `body` is at most the first 64 KiB of the reply. */
export function statusError(status: number, contentType: string, body: string, where: Where): ApiError {
  const code =
    STATUS_CODES[status] ??
    (status >= 300 && status < 400 ? 'REDIRECTED' : status >= 500 ? 'ENGINE_ERROR' : 'BAD_REQUEST')
  const { redact = (text) => withoutCredentials(text, []) } = where
  const words = printable(redact(engineWords(contentType, body)), 4096)
  const said = words === '' ? ' without a word' : `: ${words}`
  const hint =
    code === 'REDIRECTED'
      ? ' (an engine never redirects: is there a proxy in between, or a wrong name in the path?)'
      : ''
  return new ApiError(code, `the engine answered ${status} to ${where.method} ${where.path}${said}${hint}`, {
    status,
    method: where.method,
    path: where.path,
    words,
  })
}

// `{"message"}` from API 1.24 on; plain text before and from proxies; podman refuses a push by the line of a stream.
function engineWords(contentType: string, body: string): string {
  if (contentType.includes('json') || body.startsWith('{')) {
    try {
      const value = parseJson(body)
      if (isObject(value) && typeof value['message'] === 'string') return value['message']
      const streamed = textAt(isObject(value) ? value['errorDetail'] : undefined, 'message')
      if (streamed !== '') return streamed
    } catch {
      // not JSON after all: its text is all there is
    }
  }
  return body
}

const CODES_OF_CAUSES: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'ENGINE_UNREACHABLE',
  ECONNREFUSED: 'ENGINE_UNREACHABLE',
  ENOTFOUND: 'ENGINE_UNREACHABLE',
  EAI_AGAIN: 'ENGINE_UNREACHABLE',
  ENOTSOCK: 'ENGINE_UNREACHABLE',
  EISDIR: 'ENGINE_UNREACHABLE',
  EACCES: 'ENGINE_PERMISSION',
  EPERM: 'ENGINE_PERMISSION',
  UND_ERR_CONNECT_TIMEOUT: 'ENGINE_UNREACHABLE',
  UND_ERR_HEADERS_TIMEOUT: 'TIMEOUT',
  UND_ERR_BODY_TIMEOUT: 'TIMEOUT',
  UND_ERR_ABORTED: 'ABORTED',
  UND_ERR_CLOSED: 'ABORTED',
  UND_ERR_DESTROYED: 'ABORTED',
  UND_ERR_INVALID_ARG: 'INPUT_INVALID',
  UND_ERR_HEADERS_OVERFLOW: 'PROTOCOL_VIOLATION',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'PROTOCOL_VIOLATION',
  CERT_HAS_EXPIRED: 'TLS',
  CERT_NOT_YET_VALID: 'TLS',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS',
  UNABLE_TO_GET_ISSUER_CERT: 'TLS',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'TLS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS',
}

const UNKNOWN_EFFECT = 'Whether the request took effect is not known.'
const UNKNOWN_CA = 'Put the CA of the engine into ca.pem in the folder of DOCKER_CERT_PATH or of the context.'

/** The one place where a failed or cut connection becomes an error. */
export function connectionFailure(cause: unknown, where: Where, signal?: AbortSignal): DockerError {
  if (isDockerError(cause)) return cause
  const request = `${where.method} ${where.path}`
  const details = { method: where.method, path: where.path, cause }
  if (signal?.aborted === true) return aborted(signal.reason, request, { ...details, cause: signal.reason })
  const errno = errnoOf(cause)
  const code = codeOf(errno, cause)
  const reason = errno === '' ? messageOf(cause, 200) : errno
  const at = `${where.endpoint} (${reason}) at ${request}`
  switch (code) {
    case 'ENGINE_UNREACHABLE':
      return new ConnectionError(code, `cannot reach the engine at ${at}. ${START_ENGINE}`, details)
    case 'ENGINE_PERMISSION':
      return new ConnectionError(
        code,
        `no permission to use the engine at ${at}. ${joinGroup(where.endpoint)}`,
        details,
      )
    case 'TLS':
      return new ConnectionError(
        code,
        `no trust between this client and the engine at ${at}. ${tlsCure(errno)}`,
        details,
      )
    case 'TIMEOUT':
      return new TimeoutError(code, `no answer in time from the engine at ${at}. ${UNKNOWN_EFFECT}`, details)
    case 'ABORTED':
      return new AbortedError(code, `${request} was aborted: ${CLOSED[errno] ?? messageOf(cause, 200)}`, details)
    case 'INPUT_INVALID':
      return new InputError(code, `${request} cannot be sent: ${messageOf(cause, 200)}`, details)
    case 'PROTOCOL_VIOLATION':
      return new ProtocolError(code, `what answered at ${at} does not speak HTTP. ${UNKNOWN_EFFECT}`, details)
    default:
      return new ConnectionError(code, `lost the connection to the engine at ${at}. ${UNKNOWN_EFFECT}`, details)
  }
}

/** What to do when no engine answers. */
export const START_ENGINE = 'Start the engine, or name another with --host, --context or DOCKER_HOST.'

/** What to do when the socket may not be opened. */
export function joinGroup(endpoint: string): string {
  const socketPath = endpoint.replace(/^unix:\/\//, '')
  return `Join the group that owns the socket (often "docker"; in a container: --group-add $(stat -c %g ${socketPath})), or run as its owner.`
}

const CLOSED: Readonly<Record<string, string>> = {
  UND_ERR_CLOSED: 'this client is closed',
  UND_ERR_DESTROYED: 'this client is closed',
}

/** The error of a call whose signal fired. `request` names the call. */
export function aborted(reason: unknown, request: string, details: ErrorDetails = {}): DockerError {
  if (isDockerError(reason)) return reason
  if ((reason as Error | undefined)?.name === 'TimeoutError') {
    return new TimeoutError('TIMEOUT', `${request} took longer than its signal allows. ${UNKNOWN_EFFECT}`, details)
  }
  return new AbortedError('ABORTED', `${request} was aborted by its caller`, details)
}

/** A promise that many wait for, for one of them: rejects as soon as his signal fires. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined, where: Where): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(connectionFailure(signal.reason, where, signal))
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function errnoOf(cause: unknown): string {
  const code = (cause as { code?: unknown } | undefined | null)?.code
  return typeof code === 'string' ? code : ''
}

function codeOf(errno: string, cause: unknown): ErrorCode {
  const code = CODES_OF_CAUSES[errno]
  if (code !== undefined) return code
  if (errno.startsWith('HPE_') || (cause as Error | undefined | null)?.name === 'HTTPParserError')
    return 'PROTOCOL_VIOLATION'
  if (/^ERR_(?:TLS|SSL|OSSL)_/.test(errno)) return 'TLS'
  // Of the rest a failure while connecting is harmless, and one later is not: the same errno serves both.
  return (cause as { syscall?: unknown } | undefined | null)?.syscall === 'connect'
    ? 'ENGINE_UNREACHABLE'
    : 'CONNECTION_LOST'
}

function tlsCure(errno: string): string {
  if (errno.includes('SELF_SIGNED') || errno.startsWith('UNABLE_TO_')) return UNKNOWN_CA
  if (errno.startsWith('CERT_') || errno.startsWith('ERR_TLS_CERT'))
    return 'The certificate of the engine is not valid for this name or at this time: renew it, or use the name that it holds.'
  if (errno.startsWith('ERR_OSSL_'))
    return 'One of ca.pem, cert.pem and key.pem cannot be read as PEM, or needs a passphrase.'
  if (/ALERT_(?:UNRECOGNIZED_NAME|HANDSHAKE_FAILURE|PROTOCOL_VERSION|INTERNAL_ERROR)/.test(errno))
    return 'The engine, or a proxy in front of it, refused the handshake: see the host name (or the option tls.servername) and the version of TLS.'
  if (errno.includes('ALERT'))
    return 'The engine refused the certificate of this client: see cert.pem and key.pem in the folder of DOCKER_CERT_PATH.'
  return 'Does it speak TLS at this port? If not, unset DOCKER_TLS_VERIFY.'
}
