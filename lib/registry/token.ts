import { ApiError, CredentialError, ProtocolError } from '../base/errors.ts'
import { isObject } from '../base/json.ts'
import { secretsOf, type RegistryAuth } from '../base/registry-auth.ts'
import { reveal } from '../base/secret.ts'
import { answerError, jsonOf } from './answer.ts'
import type { HttpRequest, HttpResponse } from './http.ts'
import { MAX_TOKEN_BYTES, MAX_TOKEN_LIFE, MIN_TOKEN_LIFE } from './limits.ts'
import type { Send } from './patience.ts'
import { untrustedRealm, type TokenServer } from './realm.ts'

export interface Token {
  readonly value: string
  /** Milliseconds it lives from its receipt: at least a minute, at most an hour. */
  readonly life: number
}

export interface TokenQuestion {
  readonly server: TokenServer
  readonly service: string | undefined
  /** `repository:PATH:pull` */
  readonly scope: string
  readonly auth: RegistryAuth | undefined
  readonly registry: string
  /** Where the credential came from. */
  readonly source: string
}

const CLIENT_ID = 'dockline'

/**
 * Asks a token server for a token: by GET with user and password or without any, by POST with an identity token
 * (distribution docs/spec/auth/token.md, oauth.md). Redirects are never followed.
 *
 * @throws CredentialError `REALM_REFUSED` before anything is sent, `CREDENTIALS_MISSING`, `CREDENTIALS_REJECTED`
 * @throws ProtocolError `PROTOCOL_VIOLATION` for a reply without token; its text is never repeated
 */
export async function requestToken(question: TokenQuestion, send: Send, signal?: AbortSignal): Promise<Token> {
  const { server, auth, registry } = question
  if (auth !== undefined && !server.trusted) throw untrustedRealm(registry, server)
  const common = { maxBytes: MAX_TOKEN_BYTES, addresses: server.addresses, signal }
  const byGet = (): HttpRequest => ({ ...common, method: 'GET', url: queryUrl(question), headers: basicHeader(auth) })
  let request = byGet()
  if (auth !== undefined && 'identitytoken' in auth) request = { ...common, ...refreshForm(question, auth) }
  let response = await send(request)
  if (request.method === 'POST' && response.status === 404) {
    request = byGet() // containerd does the same: some servers know GET only (core/remotes/docker/authorizer.go)
    response = await send(request)
  }
  if (response.status !== 200) throw refusal(response, request, question)
  return readToken(response, request.url)
}

function queryUrl({ server, service, scope, auth }: TokenQuestion): URL {
  const url = new URL(server.url) // with its own query
  if (service !== undefined) url.searchParams.set('service', service)
  url.searchParams.append('scope', scope)
  url.searchParams.set('client_id', CLIENT_ID)
  if (auth !== undefined && 'username' in auth) url.searchParams.set('account', auth.username)
  return url
}

function refreshForm(
  { server, service, scope }: TokenQuestion,
  auth: { readonly identitytoken: unknown } & RegistryAuth,
) {
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: CLIENT_ID, scope })
  if (service !== undefined) form.set('service', service)
  form.set('refresh_token', secretOf(auth))
  return {
    method: 'POST' as const,
    url: server.url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  }
}

/** `Authorization: Basic …` of a credential; an identity token goes without a user name. */
export function basicHeader(auth: RegistryAuth | undefined): Record<string, string> {
  if (auth === undefined) return {}
  const username = 'username' in auth ? auth.username : ''
  // RFC 7617: the first colon ends the user name.
  if (username.includes(':'))
    throw new CredentialError('CREDENTIALS_INVALID', 'a user name with a colon cannot be sent by HTTP Basic')
  return { authorization: `Basic ${Buffer.from(`${username}:${secretOf(auth)}`).toString('base64')}` }
}

/** The secret part of a credential. */
export function secretOf(auth: RegistryAuth): string {
  if ('identitytoken' in auth) return reveal(auth.identitytoken)
  return reveal('registrytoken' in auth ? auth.registrytoken : auth.password)
}

function refusal(response: HttpResponse, request: HttpRequest, question: TokenQuestion): Error {
  const { scope, auth, registry, source } = question
  // OAuth's invalid_grant is a 400, and some servers say so to a missing repository too.
  const status = response.status === 400 ? 401 : response.status
  if (status >= 300 && status < 400)
    return new ApiError('REDIRECTED', `the token server ${request.url.host} redirects, which is not followed`, {
      status,
      facts: { registry, host: request.url.host },
    })
  return answerError(
    { ...response, status },
    {
      method: request.method,
      subject: `the request for a token (${scope})`,
      registry,
      source,
      withAuth: auth !== undefined,
      secrets: auth === undefined ? [] : secretsOf(auth),
    },
  )
}

function readToken({ body, headers }: HttpResponse, url: URL): Token {
  const broken = (reason: string): ProtocolError =>
    new ProtocolError('PROTOCOL_VIOLATION', `the token server ${url.host} gave no token: ${reason}`)
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw broken('its answer is compressed')
  const reply = jsonOf(body)
  if (!isObject(reply)) throw broken('its answer is not a JSON object')
  const value = [reply['token'], reply['access_token']].find((text) => typeof text === 'string' && text !== '')
  if (typeof value !== 'string') throw broken('"token" and "access_token" are missing or empty')
  if (!/^[\x21-\x7e]+$/.test(value)) throw broken('the token holds characters that no header may have')
  const seconds = typeof reply['expires_in'] === 'number' ? reply['expires_in'] : 0
  return { value, life: Math.min(Math.max(seconds * 1000, MIN_TOKEN_LIFE), MAX_TOKEN_LIFE) }
}
