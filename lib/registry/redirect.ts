import { ApiError, hasCode } from '../base/errors.ts'
import type { HttpRequest, HttpResponse } from './http.ts'
import { MAX_REDIRECTS } from './limits.ts'
import { headerOf, type Send } from './patience.ts'

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 307, 308])

/**
 * Sends a GET or HEAD and follows redirects, to https only and at most three times. As soon as scheme, host or port
 * change the `Authorization` header stays behind and never comes back, and the new host must be at a public address.
 *
 * @throws ApiError `REDIRECTED`
 */
export async function sendFollowing(request: HttpRequest, send: Send): Promise<HttpResponse> {
  let current = request
  for (let hops = 0; ; hops++) {
    const response = await send(current).catch((error: unknown) => {
      if (hops > 0 && hasCode(error, 'REALM_REFUSED')) throw refused(current, undefined, error.message)
      throw error
    })
    if (!REDIRECTS.has(response.status)) return response
    if (hops === MAX_REDIRECTS) throw refused(current, response.status, `more than ${MAX_REDIRECTS} in a row`)
    current = redirected(current, response)
  }
}

function redirected(request: HttpRequest, response: HttpResponse): HttpRequest {
  const location = headerOf(response, 'location')
  const url = location === undefined ? null : URL.parse(location, request.url.href)
  if (url === null || url.hostname === '') throw refused(request, response.status, 'it does not say where to')
  if (url.username !== '' || url.password !== '') throw refused(request, response.status, 'the URL holds a user name')
  if (url.origin === request.url.origin) return { ...request, url }
  if (url.protocol !== 'https:') throw refused(request, response.status, `${url.protocol}//${url.host} is not https`)
  const { authorization: _, ...headers } = request.headers ?? {}
  return { ...request, url, headers, addresses: url.hostname === request.url.hostname ? request.addresses : 'public' }
}

function refused({ method, url }: HttpRequest, status: number | undefined, rule: string): ApiError {
  return new ApiError('REDIRECTED', `a redirect at ${url.host} is not followed: ${rule}`, {
    status,
    method,
    path: url.pathname,
    facts: { host: url.host },
  })
}
