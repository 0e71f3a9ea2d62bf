import { hasCode, type DockerError } from '../base/errors.ts'
import { answerError } from './answer.ts'
import { raced, unsupportedChallenge, type Authorizer } from './authorizer.ts'
import { chooseChallenge, type Challenge } from './challenge.ts'
import type { Credentials, ResolvedCredential } from './credentials/resolve.ts'
import type { HttpResponse } from './http.ts'
import type { Send } from './patience.ts'
import { challengesOf, isLoopback, ping } from './ping.ts'
import { sendFollowing } from './redirect.ts'
import { secretOf } from './token.ts'

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

export function createSessions({ send, authorizer, credentials, insecure }: SessionOptions): Sessions {
  const registries = new Map<string, Promise<Registry>>()

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

  const authorize = (question: Question, registry: Registry, credential: ResolvedCredential, fresh: boolean) => {
    const { origin, challenge } = registry
    const access = { ...credential, registry: question.registry, repository: question.repository, origin, challenge }
    return authorizer.headers(access, fresh, question.signal)
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
    const sent = authorization['authorization']?.replace(/^\w+ /, '') ?? ''
    const context = {
      method: question.method,
      subject: question.subject,
      registry: question.registry,
      source,
      withAuth: auth !== undefined && sent !== '',
      secrets: auth === undefined ? [sent] : [sent, secretOf(auth)],
    }
    return { response, source, error: () => answerError(response, context) }
  }

  return {
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
