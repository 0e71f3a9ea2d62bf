/** Where an error happened and what the other side said. No secret is ever put in one. */
export interface ErrorDetails {
  /** HTTP status, when there was a reply. */
  status?: number | undefined
  method?: string | undefined
  /** Request path without its query: a query may hold what must not be logged. */
  path?: string | undefined
  /** The engine's or registry's own words, at most 4 KiB. */
  words?: string | undefined
  cause?: unknown
  /** Facts a program may want, by name. */
  facts?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Every error that dockline throws. `code` is stable and names one cause; the message says what to do next.
 */
export class DockerError extends Error {
  readonly code: ErrorCode
  readonly status: number | undefined
  readonly method: string | undefined
  readonly path: string | undefined
  readonly words: string | undefined
  readonly facts: Readonly<Record<string, unknown>>
  /** Holds across copies of this library, where `instanceof` does not. */
  readonly brand = 'dockline' as const

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = new.target.name
    this.code = code
    this.status = details.status
    this.method = details.method
    this.path = details.path
    this.words = details.words
    this.facts = details.facts ?? {}
  }
}

/** The engine answered with a status that is not a success. */
export class ApiError extends DockerError {}
/** No usable line to the engine: absent, refused, forbidden, or cut. */
export class ConnectionError extends DockerError {}
/** A deadline passed. */
export class TimeoutError extends DockerError {}
/** The caller's signal fired. */
export class AbortedError extends DockerError {}
/** The other side broke its own protocol: bad JSON, a torn frame, an impossible size. */
export class ProtocolError extends DockerError {}
/** A stream that began with 200 reported a failure inside. */
export class StreamError extends DockerError {}
/** The engine's API version has no such feature. */
export class VersionError extends DockerError {}
/** Rejected here, before any byte left. */
export class InputError extends DockerError {}
/** A credential is missing, refused, or could not be read. */
export class CredentialError extends DockerError {}
/** A replacement did not come to its end. */
export class RefreshError extends DockerError {}
/** A workspace could not be provisioned, looked at or taken down. */
export class WorkspaceError extends DockerError {}

/** One code for each cause; the list only grows. */
export type ErrorCode =
  | 'ABORTED'
  | 'ARCHIVE_UNSAFE'
  | 'BAD_REQUEST'
  | 'BUSY'
  | 'CONFIG_INVALID'
  | 'CONFLICT'
  | 'CONNECTION_LOST'
  | 'CREATE_FAILED'
  | 'CREDENTIALS_INVALID'
  | 'CREDENTIALS_MISSING'
  | 'CREDENTIALS_REJECTED'
  | 'CREDENTIAL_HELPER_FAILED'
  | 'DIGEST_MISMATCH'
  | 'ENGINE_ERROR'
  | 'ENGINE_PERMISSION'
  | 'ENGINE_TOO_NEW'
  | 'ENGINE_TOO_OLD'
  | 'ENGINE_UNREACHABLE'
  | 'FORBIDDEN'
  | 'HOOK_FAILED'
  | 'INPUT_INVALID'
  | 'IN_FLIGHT'
  | 'NAME_INVALID'
  | 'NOT_FOUND'
  | 'NO_BACKEND'
  | 'NO_CONFIG_SOURCE'
  | 'NO_PLATFORM'
  | 'PROOF_FAILED'
  | 'PROTOCOL_VIOLATION'
  | 'PROVISION_FAILED'
  | 'PULL_FAILED'
  | 'RATE_LIMITED'
  | 'REALM_REFUSED'
  | 'REDIRECTED'
  | 'REF_INVALID'
  | 'REGISTRY_UNAVAILABLE'
  | 'REPLAY_MISMATCH'
  | 'ROLLBACK_FAILED'
  | 'ROLLED_BACK'
  | 'START_FAILED'
  | 'STORE_FAILED'
  | 'STREAM_FAILED'
  | 'TIMEOUT'
  | 'TLS'
  | 'TOO_LARGE'
  | 'UNAUTHORIZED'
  | 'UNEXPECTED'
  | 'UNHEALTHY'
  | 'UNSUPPORTED'
  | 'WORKSPACE_REMOVED'

/** True for a dockline error of any copy of this library. */
export function isDockerError(error: unknown): error is DockerError {
  return error instanceof Error && (error as Partial<DockerError>).brand === 'dockline'
}

/** True for a dockline error with one of these codes. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is DockerError {
  return isDockerError(error) && codes.includes(error.code)
}

/** 404: no such container, image, network, volume, … */
export function isNotFound(error: unknown): error is DockerError {
  return hasCode(error, 'NOT_FOUND')
}

/** 409: name taken, object in use, removal in progress, … */
export function isConflict(error: unknown): error is DockerError {
  return hasCode(error, 'CONFLICT')
}

/** The engine cannot be reached at all: absent socket, refused, or no permission. */
export function isUnreachable(error: unknown): error is DockerError {
  return hasCode(error, 'ENGINE_UNREACHABLE', 'ENGINE_PERMISSION')
}

/** The effect of a request that failed so is unknown: it may or may not have happened. */
export function isUncertain(error: unknown): error is DockerError {
  return hasCode(error, 'CONNECTION_LOST', 'TIMEOUT', 'PROTOCOL_VIOLATION', 'ENGINE_ERROR')
}

/** Any thrown value as a one-line text without control characters, at most `limit` characters. */
export function messageOf(error: unknown, limit = 2000): string {
  return printable(error instanceof Error ? error.message : String(error), limit)
}

/** Foreign text made fit for a message: control characters become spaces, the length is bounded. */
export function printable(text: string, limit = 2000): string {
  // eslint-disable-next-line no-control-regex -- a registry or an image may send terminal escapes
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean
}
