import type { LookupFunction } from 'node:net'

import { AbortedError, isDockerError } from '../base/errors.ts'
import { createRedactor, redact, redactedError } from '../base/redact.ts'
import type { Clock, Random } from '../base/ports.ts'
import { familiarReference, type Reference } from '../base/reference.ts'
import { systemClock, systemRandom } from '../base/system.ts'
import { defaultLookup } from './addresses.ts'
import { createAuthorizer } from './authorizer.ts'
import { readCreated, type PinnedReference } from './created.ts'
import type { Credentials } from './credentials/resolve.ts'
import { createDigests, type DigestOptions, type RemoteDigest } from './digest.ts'
import { createHttp } from './http.ts'
import { REQUEST_TIMEOUT } from './limits.ts'
import { createPatience } from './patience.ts'
import type { TrustedRealms } from './realm.ts'
import { createSessions } from './session.ts'

export interface RegistryClientOptions {
  readonly credentials: Pick<Credentials, 'resolve'>
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  /** Certificates in PEM that are trusted beside those of Node. */
  readonly ca?: string | readonly string[] | undefined
  /** Registries (`host[:port]`) that may be spoken to over http, credentials included. Loopback ones always may. */
  readonly insecure?: readonly string[] | undefined
  /** Token servers on other hosts that may have a registry's credential: `{ 'registry.a.example': ['a.example'] }`. */
  readonly realms?: TrustedRealms | undefined
  /** Resolves host names; default the operating system. */
  readonly lookup?: LookupFunction | undefined
  /** Milliseconds for one request as a whole; default 30,000. */
  readonly timeout?: number | undefined
}

/** Reads registries. Close it when done, or hold it with `await using`. */
export interface RegistryClient extends AsyncDisposable {
  /**
   * The digest that a reference has in its registry now: one HEAD where the registry serves it, nothing is pulled. Tokens
   * are reused, two requests to a host run at a time, and a host that limits us is left alone.
   *
   * @throws CredentialError `CREDENTIALS_MISSING`, `CREDENTIALS_REJECTED`, `REALM_REFUSED`
   * @throws ApiError `NOT_FOUND`, `NO_PLATFORM`, `RATE_LIMITED` (`facts.retryAfterMs`), `REDIRECTED`, `UNSUPPORTED`
   * @throws ConnectionError `REGISTRY_UNAVAILABLE`, `TLS`
   * @throws ProtocolError `DIGEST_MISMATCH`, `PROTOCOL_VIOLATION`; TimeoutError `TIMEOUT`; AbortedError `ABORTED`
   */
  digest(ref: Reference, options?: DigestOptions): Promise<RemoteDigest>
  /**
   * When the image behind the digest of one platform's manifest says that it was made, in milliseconds since the epoch.
   * `undefined` when it does not say. Throws what {@link digest} throws.
   */
  created(ref: PinnedReference, signal?: AbortSignal): Promise<number | undefined>
  close(): Promise<void>
}

/** A client for all registries. Nothing is sent or loaded before the first question. */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const { credentials, clock = systemClock, random = systemRandom, realms = {}, insecure = [] } = options
  const lookup = options.lookup ?? defaultLookup
  const http = createHttp({ ca: options.ca, lookup, timeout: options.timeout ?? REQUEST_TIMEOUT })
  const send = createPatience({ http, clock, random })
  const authorizer = createAuthorizer({ send, clock, realms })
  const sessions = createSessions({ send, authorizer, credentials, insecure })
  const digests = createDigests(sessions)
  // What a registry or its token server says back may hold what it was sent, wherever a text of theirs is shown.
  const told = async <T>(answer: Promise<T>, ref: Reference, signal: AbortSignal | undefined): Promise<T> => {
    try {
      return await orAborted(answer, ref, signal)
    } catch (error) {
      throw redactedError(error, createRedactor(sessions.sent(ref.registry)))
    }
  }
  return {
    digest: async (ref, wanted = {}) =>
      withoutSource(await told(digests.digest(ref, wanted), ref, wanted.signal), sessions.sent(ref.registry)),
    created: (ref, signal) => told(readCreated(sessions, ref, signal), ref, signal),
    close: () => http.close(),
    [Symbol.asyncDispose]: () => http.close(),
  }
}

// The one text of a result that a registry may choose.
function withoutSource(answer: RemoteDigest, secrets: readonly string[]): RemoteDigest {
  const { rateLimit } = answer
  if (rateLimit?.source === undefined || redact(rateLimit.source, secrets) === rateLimit.source) return answer
  return { ...answer, rateLimit: { ...rateLimit, source: undefined } }
}

async function orAborted<T>(answer: Promise<T>, ref: Reference, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (signal?.aborted !== true || isDockerError(error)) throw error
    throw new AbortedError('ABORTED', `the question for ${familiarReference(ref)} was aborted by its caller`)
  }
}
