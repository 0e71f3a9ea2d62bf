import {
  AbortedError,
  ApiError,
  ConnectionError,
  TimeoutError,
  isDockerError,
  printable,
  type DockerError,
  type ErrorCode,
} from '../base/errors.ts'
import { isObject, parseJson } from '../base/json.ts'

/** What a failure is told about: never the query, which may hold what must not be logged. */
export interface Where {
  readonly method: string
  readonly path: string
  /** The endpoint as a URL. */
  readonly endpoint: string
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
  const words = engineWords(contentType, body)
  const said = words === '' ? 'without a word' : `: ${words}`
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

// `{"message"}` from API 1.24 on; plain text before and from proxies.
function engineWords(contentType: string, body: string): string {
  if (contentType.includes('json') || body.startsWith('{')) {
    try {
      const value = parseJson(body)
      if (isObject(value) && typeof value['message'] === 'string') return printable(value['message'], 4096)
    } catch {
      // not JSON after all: its text is all there is
    }
  }
  return printable(body, 4096)
}

const CODES_OF_CAUSES: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'ENGINE_UNREACHABLE',
  ECONNREFUSED: 'ENGINE_UNREACHABLE',
  ENOTFOUND: 'ENGINE_UNREACHABLE',
  EAI_AGAIN: 'ENGINE_UNREACHABLE',
  EHOSTUNREACH: 'ENGINE_UNREACHABLE',
  ENETUNREACH: 'ENGINE_UNREACHABLE',
  ENOTSOCK: 'ENGINE_UNREACHABLE',
  EISDIR: 'ENGINE_UNREACHABLE',
  EACCES: 'ENGINE_PERMISSION',
  EPERM: 'ENGINE_PERMISSION',
  UND_ERR_CONNECT_TIMEOUT: 'ENGINE_UNREACHABLE',
  UND_ERR_HEADERS_TIMEOUT: 'TIMEOUT',
  UND_ERR_BODY_TIMEOUT: 'TIMEOUT',
  UND_ERR_ABORTED: 'ABORTED',
}

const CURES: Partial<Record<ErrorCode, string>> = {
  ENGINE_UNREACHABLE: 'Start the engine, or name another with --host or DOCKER_HOST.',
  ENGINE_PERMISSION: 'Join the group that owns the socket (often "docker"), or run as its owner.',
  TIMEOUT: 'The engine was too slow or hangs; whether the request took effect is not known.',
  CONNECTION_LOST: 'Whether the request took effect is not known.',
}

/** The one place where a failed or cut connection becomes an error. */
export function connectionFailure(cause: unknown, where: Where, signal?: AbortSignal): DockerError {
  if (isDockerError(cause)) return cause
  const details = { method: where.method, path: where.path, cause }
  if (signal?.aborted === true) {
    if (isDockerError(signal.reason)) return signal.reason
    return new AbortedError('ABORTED', `${where.method} ${where.path} was aborted by its caller`, details)
  }
  const errno = (cause as { code?: string } | undefined)?.code ?? ''
  const code = CODES_OF_CAUSES[errno] ?? 'CONNECTION_LOST'
  const reason = errno === '' ? printable(String((cause as Error | undefined)?.message ?? cause), 200) : errno
  const message =
    `${headline(code)} ${where.endpoint} (${reason}) at ${where.method} ${where.path}. ${CURES[code] ?? ''}`.trim()
  if (code === 'TIMEOUT') return new TimeoutError(code, message, details)
  return code === 'ABORTED' ? new AbortedError(code, message, details) : new ConnectionError(code, message, details)
}

function headline(code: ErrorCode): string {
  if (code === 'ENGINE_UNREACHABLE') return 'cannot reach the engine at'
  if (code === 'ENGINE_PERMISSION') return 'no permission to use the engine at'
  return code === 'TIMEOUT' ? 'no answer in time from the engine at' : 'lost the connection to the engine at'
}
