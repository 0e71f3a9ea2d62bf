import {
  ApiError,
  ConnectionError,
  CredentialError,
  ProtocolError,
  printable,
  type DockerError,
} from '../base/errors.ts'
import { isObject, parseJson, type JsonValue } from '../base/json.ts'
import { redact } from '../base/redact.ts'
import type { HttpResponse } from './http.ts'

/** Of whom an answer came, for its message. */
export interface AnswerContext {
  readonly method: string
  /** What was asked for, in words: `ghcr.io/acme/app:latest`, `a token for …`. */
  readonly subject: string
  readonly registry: string
  /** Where the credential came from: never a value. */
  readonly source: string
  /** Whether a credential went along. */
  readonly withAuth: boolean
  /** Texts that must not be repeated. */
  readonly secrets: readonly string[]
}

/** The one place where a registry's status becomes an error: one code for one cause. */
export function answerError(response: HttpResponse, context: AnswerContext): DockerError {
  const { registry, subject, source, withAuth, method } = context
  const { status, url } = response
  const words = registryWords(response.body, context.secrets)
  const details = { status, method, path: url.pathname, words, facts: { registry, host: url.host, source } }
  const said = `${url.host} answered ${status}${words === '' ? '' : ` (${words})`} to ${subject}`
  if (status === 401 || status === 403)
    return withAuth
      ? new CredentialError(
          'CREDENTIALS_REJECTED',
          `${said}: the credential from ${source} was refused, or may not read it, or it is not there (registries hide missing repositories so)`,
          details,
        )
      : new CredentialError(
          'CREDENTIALS_MISSING',
          `${said}: a login is needed and there is none for ${registry} (${source}), or it is not there (registries hide missing repositories so)`,
          details,
        )
  if (status === 404) return new ApiError('NOT_FOUND', `${said}: no such repository, tag or digest`, details)
  if (status === 408 || status === 429 || status >= 500)
    return new ConnectionError('REGISTRY_UNAVAILABLE', said, details)
  if (status >= 300 && status < 400)
    return new ApiError('REDIRECTED', `${said}: such a redirect is not followed`, details)
  return status < 300
    ? new ProtocolError('PROTOCOL_VIOLATION', `${said}: not an answer of a registry`, details)
    : new ApiError('BAD_REQUEST', said, details)
}

/** `{"errors":[{code,message}]}` as text; anything else, a proxy's page for instance, is left out. */
function registryWords(body: Buffer, secrets: readonly string[]): string {
  const value = jsonOf(body)
  const errors = isObject(value) && Array.isArray(value['errors']) ? value['errors'] : []
  const texts = errors.slice(0, 3).map((error) => {
    const [code, message] = isObject(error) ? [error['code'], error['message']] : []
    return [textOf(code), textOf(message)].filter((part) => part !== '').join(': ')
  })
  return printable(redact(texts.filter((text) => text !== '').join('; '), secrets), 500)
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** A body as JSON; `undefined` when it is none. */
export function jsonOf(body: Buffer): JsonValue | undefined {
  try {
    return parseJson(body.toString('utf8'))
  } catch {
    return undefined
  }
}
