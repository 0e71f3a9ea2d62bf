import { InputError, ProtocolError, VersionError, printable, type ApiError } from '../base/errors.ts'
import { SINCE, type Feature } from './gates.ts'

/** The oldest and the newest API version this client speaks. */
export const MIN_API_VERSION = '1.24'
export const MAX_API_VERSION = '1.56'

// It becomes part of every path.
const VERSION = /^\d{1,3}\.\d{1,3}$/

/** -1, 0 or 1: the order of two API versions. */
export function compareVersions(a: string, b: string): number {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number)
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number)
  return Math.sign(aMajor - bMajor || aMinor - bMinor)
}

/** True when `version` has what came with `since`. */
export function atLeast(version: string, since: string): boolean {
  return compareVersions(version, since) >= 0
}

/** @throws VersionError `ENGINE_TOO_OLD` when the agreed version lacks one of the features */
export function requireFeatures(version: string, features: readonly Feature[]): void {
  for (const feature of features) {
    if (atLeast(version, SINCE[feature])) continue
    throw new VersionError(
      'ENGINE_TOO_OLD',
      `"${feature}" needs API ${SINCE[feature]}; with this engine ${version} is spoken. Leave it out, or upgrade the engine.`,
      {
        facts: { feature, needed: SINCE[feature], spoken: version },
      },
    )
  }
}

/** The version that both sides speak, given the newest of the engine. @throws VersionError, ProtocolError */
export function agree(engineMax: string): string {
  if (!VERSION.test(engineMax)) {
    const words = JSON.stringify(printable(engineMax, 60))
    throw new ProtocolError('PROTOCOL_VIOLATION', `the engine says that it speaks API ${words}: that is no version`)
  }
  if (compareVersions(engineMax, MIN_API_VERSION) < 0) {
    throw new VersionError(
      'ENGINE_TOO_OLD',
      `the engine speaks API ${engineMax} at most, this client ${MIN_API_VERSION} at least: upgrade the engine`,
    )
  }
  return compareVersions(engineMax, MAX_API_VERSION) > 0 ? MAX_API_VERSION : engineMax
}

/** The API version in use: asked for once, whoever asks first, and again when the engine refuses it. */
export interface Negotiator {
  current(): Promise<string>
  /** Takes the version that a refusal names. False when that changes nothing, so that nobody asks for ever. */
  renegotiate(refusal: ApiError, apiVersion: string | undefined): boolean
}

/** The newest version of an engine, as far as it is known. */
export interface Newest {
  readonly version: string
  /** It is a guess: the engine is asked again before the next call. */
  readonly isPassing?: boolean | undefined
}

/**
 * @param ping asks the engine for its newest version
 * @param pinned a version that is used as it is
 * @throws InputError `INPUT_INVALID` when the pinned version is none
 */
export function createNegotiator(ping: () => Promise<Newest | undefined>, pinned: string | undefined): Negotiator {
  if (pinned !== undefined && !VERSION.test(pinned)) {
    throw new InputError('INPUT_INVALID', `not an API version: ${JSON.stringify(pinned)}: write it as 1.43`)
  }
  let version: Promise<string> | undefined = pinned === undefined ? undefined : Promise.resolve(pinned)
  let spoken = pinned
  const negotiate = async (): Promise<string> => {
    // An engine without the header is older than 1.24 or hides behind a proxy: the newest version finds out (moby ping.go).
    const newest = await ping()
    spoken = agree(newest?.version ?? MAX_API_VERSION)
    if (newest?.isPassing === true) version = undefined
    return spoken
  }
  return {
    current: () => {
      if (version !== undefined) return version
      const asked = negotiate()
      version = asked
      asked.catch(() => {
        if (version === asked) version = undefined
      })
      return asked
    },
    renegotiate: (refusal, apiVersion) => {
      if (pinned !== undefined || !isVersionRefusal(refusal)) return false
      refuseTooNew(refusal)
      if (apiVersion === undefined) return false
      const next = agree(apiVersion)
      if (next === spoken) return false
      spoken = next
      version = Promise.resolve(next)
      return true
    },
  }
}

// Its words name the oldest version that it speaks.
function refuseTooNew({ words = '' }: ApiError): void {
  const oldest = /minimum supported API version is (\d{1,3}\.\d{1,3})/i.exec(words)?.[1]
  if (oldest === undefined || compareVersions(oldest, MAX_API_VERSION) <= 0) return
  throw new VersionError(
    'ENGINE_TOO_NEW',
    `the engine speaks API ${oldest} at least, this client ${MAX_API_VERSION} at most: upgrade dockline`,
    { words, facts: { needed: oldest, spoken: MAX_API_VERSION } },
  )
}

// "client version 1.99 is too new. Maximum supported API version is 1.41", "… is too old. Minimum supported …"
function isVersionRefusal(refusal: ApiError): boolean {
  return refusal.status === 400 && /client version \S+ is too (?:old|new)/.test(refusal.words ?? '')
}
