import { CredentialError, StreamError, hasCode, type DockerError, type ErrorCode } from '../base/errors.ts'
import { familiarReference, type Reference } from '../base/reference.ts'

/** What the engine's words mean. The same fault has another status on every engine, so the text decides. */
const MEANINGS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/toomanyrequests|too many requests|rate limit/i, 'RATE_LIMITED'],
  [
    /no basic auth credentials|unauthorized|authentication required|access denied|\bdenied\b|403 forbidden/i,
    'CREDENTIALS_MISSING',
  ],
  [
    /no matching manifest|no match for platform|does not provide the specified platform|no image found in (?:image index|manifest list)/i,
    'NO_PLATFORM',
  ],
  [/x509|certificate|tls: |server gave HTTP response to HTTPS client/i, 'TLS'],
  [
    /connection refused|no such host|i\/o timeout|handshake timeout|network is unreachable|server misbehaving|dial tcp|\b50[0234]\b/i,
    'REGISTRY_UNAVAILABLE',
  ],
  [/manifest unknown|name unknown|not found/i, 'NOT_FOUND'],
]

// Inside a stream the manifest was found already: what is missing then is a layer, and the pull itself failed.
const IN_STREAM: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['RATE_LIMITED', 'CREDENTIALS_MISSING', 'NO_PLATFORM'])

// podman 4 answers 200 before it asks the registry: so its words begin until it has the manifest.
const BEFORE_MANIFEST = /^initializing source /

export interface PullContext {
  readonly ref: Reference
  /** Whether a credential went along. */
  readonly withAuth: boolean
}

/** The error of a failure that the pull stream reported inside. */
export function streamedPullFailure(words: string, context: PullContext): DockerError {
  const code = meaning(words)
  const told = code !== undefined && (IN_STREAM.has(code) || BEFORE_MANIFEST.test(words))
  return pullError(told ? code : 'PULL_FAILED', words, context)
}

/** The error of a pull that was refused before its stream began; what is no answer of the engine stays as it is. */
export function refusedPull(error: unknown, context: PullContext): unknown {
  if (
    !hasCode(error, 'BAD_REQUEST', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'RATE_LIMITED', 'ENGINE_ERROR')
  )
    return error
  const words = error.words ?? ''
  return pullError(
    meaning(words) ?? (error.code === 'UNAUTHORIZED' ? 'CREDENTIALS_MISSING' : 'PULL_FAILED'),
    words,
    context,
    error,
  )
}

function meaning(words: string): ErrorCode | undefined {
  return MEANINGS.find(([pattern]) => pattern.test(words))?.[1]
}

function pullError(found: ErrorCode, words: string, { ref, withAuth }: PullContext, cause?: DockerError): DockerError {
  const code = found === 'CREDENTIALS_MISSING' && withAuth ? 'CREDENTIALS_REJECTED' : found
  const details = {
    words,
    cause,
    status: cause?.status,
    method: 'POST',
    path: '/images/create',
    facts: { registry: ref.registry },
  }
  const message = `cannot pull ${familiarReference(ref)}: ${words}. ${cure(code, ref.registry)}`.trim()
  return code === 'CREDENTIALS_MISSING' || code === 'CREDENTIALS_REJECTED'
    ? new CredentialError(code, message, details)
    : new StreamError(code, message, details)
}

function cure(code: ErrorCode, registry: string): string {
  switch (code) {
    case 'CREDENTIALS_MISSING':
      return `No credential for ${registry} was found: log in, or check the name (registries hide missing repositories so).`
    case 'CREDENTIALS_REJECTED':
      return `The credential for ${registry} was refused: renew it, or check the name and its rights (registries hide missing repositories so).`
    case 'RATE_LIMITED':
      return `${registry} limits the rate of pulls: wait, or log in.`
    case 'NO_PLATFORM':
      return 'The image is not published for this platform.'
    case 'NOT_FOUND':
      return 'Check the repository and the tag.'
    case 'TLS':
      return `The engine does not trust the certificate of ${registry}.`
    case 'REGISTRY_UNAVAILABLE':
      return `The engine cannot reach ${registry}.`
    default:
      return ''
  }
}
