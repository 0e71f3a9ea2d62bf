import { hasCode, type DockerError } from '../base/errors.ts'
import { secretsOf } from '../base/registry-auth.ts'
import { answerError } from './answer.ts'
import { raced, unsupportedChallenge, type Authorizer } from './authorizer.ts'
import { chooseChallenge, type Challenge } from './challenge.ts'
import type { Credentials, ResolvedCredential } from './credentials/resolve.ts'
import type { HttpResponse } from './http.ts'
import type { Send } from './patience.ts'
import { challengesOf, isLoopback, ping } from './ping.ts'
import { sendFollowing } from './redirect.ts'

/** A question to a repository, before it is known who asks it. */
export interface Question {
  readonly registry: string
  readonly repository: string
  readonly method: 'GET' | 'HEAD'
  /** Below `/v2/<repository>/`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly maxBytes: number
  /** What is asked for, in words. */
  readonly subject: string
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly response: HttpResponse
  /** Where the credential came from. */
  readonly source: string
  /** The answer as an error, for statuses that the asker cannot use. */
  error(): DockerError
}

/** Asks registries, with a login where one is wanted. */
export interface Sessions {
  /** @throws what the ping, the credential chain, the token server and the connection throw */
  ask(question: Question): Promise<Answer>
  /** What was sent to a registry, and to the token server that it named, and must not be shown. The newest only. */
  sent(registry: string): string[]
}

export interface SessionOptions {
  readonly send: Send
  readonly authorizer: Authorizer
  readonly credentials: Pick<Credentials, 'resolve'>
  readonly insecure: readonly string[]
}

interface Registry {
  readonly origin: URL
  /** How it wants to be logged in to; it may change its mind. */
  challenge: Challenge | undefined
}

// Credentials and tokens of one registry: a token is renewed about every minute at most.
const MAX_SENT = 32

export function createSessions({ send, authorizer, credentials, insecure }: SessionOptions): Sessions {
  const registries = new Map<string, Promise<Registry>>()
  const sent = new Map<string, Set<string>>()
  const noteSent = (registry: string, secrets: readonly string[]): void => {
    const known = sent.get(registry) ?? new Set()
    for (const secret of secrets) {
      known.delete(secret)
      known.add(secret)
    }
    sent.set(registry, new Set([...known].slice(-MAX_SENT)))
  }

  const open = (name: string): Promise<Registry> => {
    const known = registries.get(name)
    if (known !== undefined) return known
    const opened = ping(name, insecure.includes(name) || isLoopback(name), send).then(({ origin, challenges }) => ({
      origin,
      challenge: choose(name, challenges),
    }))
    registries.set(name, opened)
    opened.catch(() => registries.delete(name))
    return opened
  }

  const authorize = async (
    question: Question,
    registry: Registry,
    credential: ResolvedCredential,
    fresh: boolean,
  ): Promise<Record<string, string>> => {
    const { origin, challenge } = registry
    const access = { ...credential, registry: question.registry, repository: question.repository, origin, challenge }
    if (credential.auth !== undefined) noteSent(question.registry, secretsOf(credential.auth))
    const headers = await authorizer.headers(access, fresh, question.signal)
    noteSent(question.registry, Object.values(headers).map(withoutScheme))
    return headers
  }

  const askAs = (question: Question, registry: Registry, authorization: Record<string, string>) =>
    sendFollowing(
      {
        method: question.method,
        url: new URL(`/v2/${question.repository}/${question.path}`, registry.origin),
        headers: { ...question.headers, ...authorization },
        maxBytes: question.maxBytes,
        addresses: 'any',
        signal: question.signal,
      },
      send,
    )

  const askOpen = async (question: Question, registry: Registry): Promise<Answer> => {
    const credential = await credentials.resolve(question.registry, question.repository)
    let authorization = await authorize(question, registry, credential, false)
    let response = await askAs(question, registry, authorization)
    if (response.status === 401 && response.url.origin === registry.origin.origin) {
      // A token that was withdrawn, or a registry that says only now what it wants: one new attempt, no more.
      const challenges = challengesOf(response)
      if (challenges.length > 0) registry.challenge = choose(question.registry, challenges)
      const before = authorization['authorization']
      authorization = await authorize(question, registry, credential, true)
      if (authorization['authorization'] !== before) response = await askAs(question, registry, authorization)
    }
    const { source, auth } = credential
    const login = withoutScheme(authorization['authorization'] ?? '')
    const context = {
      method: question.method,
      subject: question.subject,
      registry: question.registry,
      source,
      withAuth: auth !== undefined && login !== '',
      secrets: [...(sent.get(question.registry) ?? [])],
    }
    return { response, source, error: () => answerError(response, context) }
  }

  return {
    sent: (registry) => [...(sent.get(registry) ?? [])],
    ask: async (question) => {
      const registry = await raced(open(question.registry), question.signal)
      try {
        return await askOpen(question, registry)
      } catch (error) {
        // It may be another one when it comes back: with TLS, or without.
        if (hasCode(error, 'REGISTRY_UNAVAILABLE', 'TLS')) registries.delete(question.registry)
        throw error
      }
    },
  }
}

function choose(registry: string, challenges: readonly Challenge[]): Challenge | undefined {
  const chosen = chooseChallenge(challenges)
  if (chosen === undefined && challenges.length > 0) throw unsupportedChallenge(registry, challenges)
  return chosen
}

function withoutScheme(authorization: string): string {
  return authorization.replace(/^\w+ /, '')
}
