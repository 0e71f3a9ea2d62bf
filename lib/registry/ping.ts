import { ApiError, ProtocolError } from '../base/errors.ts'
import { answerError } from './answer.ts'
import { parseChallenges, type Challenge } from './challenge.ts'
import { speaksNoTls } from './failure.ts'
import type { HttpRequest, HttpResponse } from './http.ts'
import { MAX_ERROR_BYTES } from './limits.ts'
import { RETRY, type Send } from './patience.ts'

/** What a registry said to `GET /v2/`. */
export interface Ping {
  readonly origin: URL
  /** Empty: it is open. */
  readonly challenges: readonly Challenge[]
}

/**
 * Asks a registry how it wants to be spoken to. It is always asked over https; only one that is declared insecure, or on
 * loopback, is then tried over http, and only if it did not answer to TLS at all: a bad certificate stays an error.
 */
export async function ping(registry: string, insecure: boolean, send: Send): Promise<Ping> {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry
  try {
    return await pingAt(new URL(`https://${host}`), registry, send, insecure ? 1 : RETRY.tries)
  } catch (error) {
    if (!insecure || !speaksNoTls(error)) throw error
    return pingAt(new URL(`http://${host}`), registry, send, RETRY.tries)
  }
}

/** True where docker allows http by itself: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(registry: string): boolean {
  return /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d+)?$/.test(registry)
}

/** The challenges of an answer. */
export function challengesOf({ headers }: Pick<HttpResponse, 'headers'>): Challenge[] {
  // Typed as one header, but undici gives a list when it comes more than once.
  const header = headers['www-authenticate'] as string | string[] | undefined
  return header === undefined ? [] : parseChallenges([header].flat())
}

async function pingAt(origin: URL, registry: string, send: Send, tries: number): Promise<Ping> {
  const request: HttpRequest = {
    method: 'GET',
    url: new URL('/v2/', origin),
    maxBytes: MAX_ERROR_BYTES,
    addresses: 'any',
  }
  // A redirect is not followed: a challenge counts only from the registry itself.
  const response = await send(request, tries)
  if (response.status === 200) return { origin, challenges: [] }
  const challenges = response.status === 401 ? challengesOf(response) : []
  if (challenges.length > 0) return { origin, challenges }
  if (response.status === 404)
    throw new ApiError('UNSUPPORTED', `${registry} does not speak the registry API (no /v2/)`)
  if (response.status === 401)
    throw new ProtocolError(
      'PROTOCOL_VIOLATION',
      `${registry} wants a login and does not say how (no WWW-Authenticate)`,
    )
  throw answerError(response, {
    method: request.method,
    subject: 'the first question',
    registry,
    source: 'none was sent',
    withAuth: false,
    secrets: [],
  })
}
