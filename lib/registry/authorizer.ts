import { createHash } from 'node:crypto'

import { ApiError } from '../base/errors.ts'
import type { Clock } from '../base/ports.ts'
import type { RegistryAuth } from '../base/registry-auth.ts'
import type { Challenge } from './challenge.ts'
import { TOKEN_MARGIN } from './limits.ts'
import type { Send } from './patience.ts'
import { judgeRealm, type TrustedRealms } from './realm.ts'
import { basicHeader, requestToken, secretOf, type Token } from './token.ts'

/** What is to be authorised. */
export interface Access {
  readonly registry: string
  readonly origin: URL
  readonly repository: string
  readonly challenge: Challenge | undefined
  readonly auth: RegistryAuth | undefined
  readonly source: string
}

/** Makes `Authorization` headers. */
export interface Authorizer {
  /** The header for an access; empty when there is nothing to send. `fresh` asks for a new token. */
  headers(access: Access, fresh: boolean, signal?: AbortSignal): Promise<Record<string, string>>
}

interface Cached {
  readonly token: Promise<Token>
  /** Monotonic time; unknown while the token is on its way. */
  until: number
}

const MAX_TOKENS = 1000

/**
 * Answers challenges. A token is kept until shortly before its end, counted from its receipt on the monotonic clock, and
 * asked for once, however many want it; another credential never gets the token of this one.
 */
export function createAuthorizer(options: { send: Send; clock: Clock; realms: TrustedRealms }): Authorizer {
  const { send, clock, realms } = options
  const cache = new Map<string, Cached>()

  const tokenFor = (access: Access, challenge: Challenge, fresh: boolean): Promise<Token> => {
    const { registry, origin, repository, auth, source } = access
    const server = judgeRealm({ registry, origin, realm: challenge.params.get('realm'), realms })
    const service = challenge.params.get('service')
    // Always the scope that is needed: a challenge might ask for more, and the token goes to who asked.
    const scope = `repository:${repository}:pull`
    const key = JSON.stringify([registry, server.url.href, service, scope, fingerprint(auth)])
    const known = cache.get(key)
    if (known !== undefined && !fresh && clock.monotonic() < known.until) return known.token
    const token = requestToken({ server, service, scope, auth, registry, source }, send)
    const entry: Cached = { token, until: Number.POSITIVE_INFINITY }
    prune(cache, clock.monotonic())
    cache.set(key, entry)
    token.then(
      ({ life }) => (entry.until = clock.monotonic() + life - TOKEN_MARGIN),
      () => cache.get(key) === entry && cache.delete(key),
    )
    return token
  }

  return {
    headers: async (access, fresh, signal) => {
      const { challenge, auth } = access
      if (challenge === undefined) return {}
      if (challenge.scheme === 'basic') return auth === undefined || !('username' in auth) ? {} : basicHeader(auth)
      if (auth !== undefined && 'registrytoken' in auth) return { authorization: `Bearer ${secretOf(auth)}` }
      const token = await raced(tokenFor(access, challenge, fresh), signal)
      return { authorization: `Bearer ${token.value}` }
    },
  }
}

/** The error of a registry that wants a login of a kind that is not spoken here. */
export function unsupportedChallenge(registry: string, challenges: readonly Challenge[]): ApiError {
  const schemes = challenges.map(({ scheme }) => scheme).join(', ')
  return new ApiError(
    'UNSUPPORTED',
    `${registry} wants a login by ${schemes === '' ? 'no scheme it names' : schemes}; spoken here are Bearer and Basic`,
    { status: 401, facts: { registry } },
  )
}

function fingerprint(auth: RegistryAuth | undefined): string {
  if (auth === undefined) return ''
  const kind = 'username' in auth ? `user ${auth.username}` : Object.keys(auth).join()
  return createHash('sha256')
    .update(`${kind}\0${secretOf(auth)}`)
    .digest('hex')
}

function prune(cache: Map<string, Cached>, now: number): void {
  for (const [key, { until }] of cache) if (until <= now) cache.delete(key)
  const [oldest] = cache.keys()
  if (cache.size >= MAX_TOKENS && oldest !== undefined) cache.delete(oldest)
}

/** A shared answer, left alone as soon as the caller's own signal fires. */
export async function raced<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return shared
  signal.throwIfAborted()
  const over = new AbortController() // ends the listening
  try {
    const left = new Promise<never>((_, reject) => {
      const leave = (): void => reject(signal.reason as Error)
      signal.addEventListener('abort', leave, { once: true, signal: over.signal })
    })
    return await Promise.race([shared, left])
  } finally {
    over.abort()
  }
}
