// Why a container was not moved, as a code, and which of these causes are the image's own.
import { hasCode, isDockerError } from '../base/errors.ts'
import type { Phase } from './replacement.ts'

/** Why a container was not moved. A format: the list only grows. */
export type Cause =
  /** The new container ended by itself after its start. */
  | 'exited'
  /** The new container ended by itself, and its restart policy started it again. */
  | 'restarted'
  /** The health check of the new container says unhealthy. */
  | 'unhealthy'
  /** The health check of the new container did not say healthy in time. */
  | 'unready'
  /** The new container did not answer its probe in time. */
  | 'unanswered'
  /** A user, or another program, stopped, killed or restarted the new container. */
  | 'stopped'
  /** A user, or another program, removed the new container. */
  | 'removed'
  /** The new container ended, and whether by itself is not known. */
  | 'ended'
  | 'port-taken'
  | 'address-taken'
  | 'disk-full'
  /** A lifecycle hook failed. */
  | 'hook-failed'
  /** The engine refused to create the new container, or made another one than was planned. */
  | 'create-refused'
  /** The engine refused to start the new container. */
  | 'start-refused'
  /** A call to the engine was lost, or the engine was away. */
  | 'call-lost'
  | 'interrupted'
  /** Another container of its group failed. */
  | 'group-failed'
  /** Another container of its image failed first. */
  | 'canary-failed'
  /** A compose service that it needs was not moved. */
  | 'dependency-failed'
  /** Its image was rolled back before. */
  | 'rolled-back-before'
  /** It follows no tag: it was made from a digest or from an image id. */
  | 'pinned'
  | 'unexpected'

const OWN: ReadonlySet<Cause | undefined> = new Set<Cause>([
  'exited',
  'restarted',
  'unhealthy',
  'unready',
  'unanswered',
])

/** True when the new container failed by itself, after its start: then its image is to blame. */
export function isOwnFailure(cause: Cause | undefined): boolean {
  return OWN.has(cause)
}

const COMMON: ReadonlySet<Cause | undefined> = new Set<Cause>(['disk-full', 'call-lost', 'interrupted'])

/** True for a cause that the next container would meet as well, whatever its image and its settings are. */
export function isOfEngine(cause: Cause | undefined): boolean {
  return COMMON.has(cause)
}

// The engines' own words: dockerd 20.10 to 28.5, podman 4.3 to 5.8. A port is "bind: address already in use" as well.
const WORDS: readonly (readonly [RegExp, Cause])[] = [
  [/no space left on device|disk quota exceeded/i, 'disk-full'],
  [/port is already allocated|cannot listen on the|failed to bind (?:host )?port|\blisten (?:tcp|udp)/i, 'port-taken'],
  [/requested ip address \S+ is (?:already allocated|not available)|\baddress already in use/i, 'address-taken'],
]

/** The cause of an error that ended a replacement in one of its steps. */
export function causeOf(error: unknown, phase: Phase): Cause {
  if (!isDockerError(error)) return 'unexpected'
  const { words = '', facts } = error
  const told = facts['cause']
  if (typeof told === 'string') return told as Cause // of a gate, the only place that sets it
  if (hasCode(error, 'HOOK_FAILED')) return 'hook-failed'
  if (hasCode(error, ...LOST)) return 'call-lost'
  const known = WORDS.find(([pattern]) => pattern.test(words))?.[1]
  if (known !== undefined) return known
  if (phase === 'look' || phase === 'create' || phase === 'prove') return 'create-refused'
  return phase === 'start' || phase === 'gate' ? 'start-refused' : 'unexpected'
}

const LOST = [
  'CONNECTION_LOST',
  'ENGINE_UNREACHABLE',
  'ENGINE_PERMISSION',
  'TIMEOUT',
  'PROTOCOL_VIOLATION',
  'STREAM_FAILED',
] as const
