import pMap from 'p-map'

import { isDockerError, messageOf, type ErrorCode } from '../base/errors.ts'
import { formatReference } from '../base/reference.ts'
import type { RegistryClient } from '../registry/client.ts'
import type { RemoteDigest } from '../registry/digest.ts'
import type { RateLimit } from '../registry/rate-limit.ts'
import { findCandidates } from './candidates.ts'
import { findLifeline, type Access } from './lifeline.ts'
import type { RefreshEngine, Unreadable } from './container.ts'
import { localReader, runs, type Local, type LocalImage, type LocalReader, type User } from './local.ts'
import { enginePlatform, unfitReason } from './platform.ts'
import type { CredentialFinder } from './pull.ts'
import { refusal, type RefusalOptions } from './refuse.ts'
import type { Target } from './target.ts'

export interface CheckPorts extends RefusalOptions {
  readonly engine: RefreshEngine
  readonly credentials: CredentialFinder
  readonly registry: Pick<RegistryClient, 'digest'>
  /** How the engine is reached, so that the containers in between are told of. */
  readonly access?: Access | undefined
}

export interface CheckOptions {
  /** `os/arch[/variant]`; default the engine's. */
  readonly platform?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Told of containers that cannot be read: those are in no list below. */
  readonly onUnreadable?: ((one: Unreadable) => void) | undefined
}

/** What a registry has, what runs, and what a refresh would do about it. */
export interface Check {
  /** The whole, normalised reference. */
  readonly ref: string
  /** Where the credential for it comes from. Never its value. */
  readonly credential: string
  /** `null` when it gave no answer. */
  readonly registry: {
    readonly digest: string
    readonly mediaType: string
    /** Of the manifest for the platform. */
    readonly platformDigest: string | null
    /** Where the registry tells. */
    readonly rateLimit: RateLimit | null
  } | null
  readonly error?: { readonly code: ErrorCode; readonly message: string } | undefined
  /** The image that the reference names on the engine. */
  readonly local: LocalImage | null
  readonly containers: readonly CheckedContainer[]
  /** `unknown` where the registry, or the engine's platform, does not let it be told. */
  readonly would: 'nothing' | 'pull' | 'replace' | 'unknown'
  /** Why, or why not. */
  readonly reason: string
}

export interface CheckedContainer {
  readonly name: string
  readonly id: string
  /** Id of the image that it runs. */
  readonly image: string
  readonly state: 'current' | 'behind' | 'unknown'
  /** Why it would be left alone. */
  readonly reason?: string | undefined
}

const AT_ONCE = 4

/** Looks at references on both sides. Changes nothing. @throws ConnectionError without an engine */
export async function check(
  ports: CheckPorts,
  targets: readonly Target[],
  options: CheckOptions = {},
): Promise<Check[]> {
  const { engine } = ports
  const candidates = await findCandidates(engine, { all: true }, options.onUnreadable)
  const platform = options.platform ?? enginePlatform(await engine.info())
  const read = localReader(engine, candidates)
  const lifeline = await findLifeline(
    candidates.map(({ seen }) => seen),
    ports,
  )
  return pMap(targets, (target) => checkOne({ ...ports, lifeline }, { ...options, platform }, target, read), {
    concurrency: AT_ONCE,
  })
}

async function checkOne(ports: CheckPorts, options: CheckOptions, { ref }: Target, read: LocalReader): Promise<Check> {
  const { credentials, registry } = ports
  const local = await read(ref)
  const seen = await settled(registry.digest(ref, { ...options, mustFit: false }))
  const source = await settled(credentials.resolve(ref.registry, ref.repository))
  const remote = 'value' in seen ? seen.value : undefined
  const containers = local.users.map((user) => checkedContainer(user, remote, ports))
  return {
    ref: formatReference(ref),
    credential: 'value' in source ? source.value.source : source.error.message,
    registry:
      remote === undefined
        ? null
        : {
            digest: remote.digest,
            mediaType: remote.mediaType,
            platformDigest: remote.platformDigest ?? null,
            rateLimit: remote.rateLimit ?? null,
          },
    ...('error' in seen ? { error: seen.error } : {}),
    local: local.image ?? null,
    containers,
    ...('error' in seen
      ? { would: 'unknown', reason: whyUnknown(seen.error.code) }
      : prospect(local, seen.value, options.platform, containers)),
  }
}

function checkedContainer(
  user: User,
  remote: Parameters<typeof runs>[1] | undefined,
  ports: CheckPorts,
): CheckedContainer {
  const { name, id, view } = user.candidate.seen
  const about = { name, id, image: view.Image }
  if (remote === undefined) return { ...about, state: 'unknown' }
  if (runs(user, remote)) return { ...about, state: 'current' }
  const reason = refusal(user.candidate.seen, ports)
  return { ...about, state: 'behind', ...(reason === undefined ? {} : { reason }) }
}

function prospect(
  { ref, image, quarantine }: Local,
  { digest, offered }: RemoteDigest,
  platform: string | undefined,
  containers: readonly CheckedContainer[],
): Pick<Check, 'would' | 'reason'> {
  if (ref.digest !== undefined) return nothing('pinned to a digest')
  const behind = containers.filter(({ state }) => state === 'behind')
  const movable = behind.filter(({ reason }) => reason === undefined)
  const isHere = image?.digests.includes(digest) === true
  if (offered !== undefined && !isHere && (containers.length === 0 || movable.length > 0))
    return { would: 'unknown', reason: unfitReason(offered, platform) }
  const failedBefore = quarantine.ofImage || movable.every(({ name }) => quarantine.of(name))
  if (movable.length > 0 && isHere && failedBefore)
    return nothing('this image was rolled back before and waits until its tag moves')
  if (movable.length > 0)
    return { would: 'replace', reason: `${movable.length} of ${containers.length} containers run something else` }
  if (isHere)
    return nothing(behind.length > 0 ? 'no container that runs something else may be moved' : 'all is current')
  return { would: 'pull', reason: image === undefined ? 'it is not on the engine' : 'the engine has an older one' }
}

const UNKNOWN: Partial<Record<ErrorCode, string>> = {
  NOT_FOUND: 'the registry has no such repository, tag or digest',
  CREDENTIALS_MISSING: 'the registry wants a login',
  CREDENTIALS_REJECTED: 'the registry refused the login',
  RATE_LIMITED: 'the registry limits the rate of requests',
}

function whyUnknown(code: ErrorCode): string {
  return UNKNOWN[code] ?? 'the registry gave no answer that could be used'
}

function nothing(reason: string): Pick<Check, 'would' | 'reason'> {
  return { would: 'nothing', reason }
}

type Settled<T> = { readonly value: T } | { readonly error: { readonly code: ErrorCode; readonly message: string } }

async function settled<T>(asked: Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await asked }
  } catch (error) {
    return { error: { code: isDockerError(error) ? error.code : 'UNEXPECTED', message: messageOf(error) } }
  }
}
