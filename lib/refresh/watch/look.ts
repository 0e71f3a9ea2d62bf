import { isDockerError, messageOf, type ErrorCode } from '../../base/errors.ts'
import { shortDigest } from '../../base/reference.ts'
import type { RemoteDigest } from '../../registry/digest.ts'
import { runs, settledDigests, type Local, type LocalReader, type User } from '../local.ts'
import { unfitReason } from '../platform.ts'
import { refusal } from '../refuse.ts'
import type { Target } from '../target.ts'
import type { Memory } from './memory.ts'
import { INTERVAL, JITTER, type WatchOptions, type WatchPorts } from './options.ts'

/** What is to be done about an image, and if nothing, why. */
export type Verdict =
  /** What runs is what the registry has. */
  | 'current'
  | 'due'
  /** The registry gave no answer that could be used, or has nothing for the engine's platform. */
  | 'unknown'
  /** Nobody uses it and it is not on the engine: the registry is not asked. */
  | 'absent'
  /** It was rolled back before, and waits until its tag moves. */
  | 'quarantined'
  /** Its digest came back: it must be seen twice. */
  | 'unsettled'
  | 'young'
  /** It was refreshed within this interval, or has failed and is tried again later. */
  | 'waiting'
  /** No window is open. */
  | 'closed'

/** One image in one tick. */
export interface Look {
  readonly target: Target
  readonly local: Local
  readonly verdict: Verdict
  readonly remote: RemoteDigest | undefined
  /** The containers that run something else and can be moved. */
  readonly behind: readonly User[]
  readonly reason?: string | undefined
  readonly code?: ErrorCode | undefined
}

export interface LookContext extends WatchPorts, WatchOptions {
  readonly read: LocalReader
}

const BELIEVABLE = Date.UTC(2000, 0) // builds that are to be reproducible say 1970

/** Compares what the registry has with what runs. Changes nothing but the memory. */
export async function look(context: LookContext, target: Target, memory: Memory): Promise<Look> {
  const local = await context.read(target.ref)
  const seen = (verdict: Verdict, more: Partial<Look> = {}): Look => ({
    target,
    local,
    verdict,
    remote: memory.answer,
    behind: [],
    ...more,
  })
  if (local.image === undefined && local.users.length === 0) return seen('absent')
  await ask(context, local, memory)
  const { error, answer: remote } = memory
  if (error !== undefined || remote === undefined)
    return seen('unknown', { reason: messageOf(error), code: error?.code })
  const behind = movableBehind(context, local, remote, memory)
  if (behind.length === 0 && !isStale(local, remote, memory)) return seen('current')
  if (remote.misfit === true && remote.offered !== undefined)
    return seen('unknown', { reason: unfitReason(remote.offered, context.platform), code: 'NO_PLATFORM' })
  const about = { behind }
  if (isQuarantined(local, remote, behind))
    return seen('quarantined', { ...about, reason: 'it was rolled back before and waits until its tag moves' })
  if (memory.isUnsettled)
    return seen('unsettled', { ...about, reason: `its tag went back to ${shortDigest(remote.digest)}: seen once only` })
  if (await isYoung(context, memory, target, remote))
    return seen('young', { ...about, reason: `${shortDigest(remote.digest)} has not been out long enough` })
  return seen(context.clock.monotonic() < memory.notBefore ? 'waiting' : 'due', about)
}

function isQuarantined({ image, quarantine }: Local, { digest }: RemoteDigest, behind: readonly User[]): boolean {
  if (image?.digests.includes(digest) !== true) return false
  const all = behind.length > 0 && behind.every(({ candidate }) => quarantine.of(candidate.seen.name))
  return quarantine.ofImage || all
}

// One question in an interval, however often the engine's events wake us.
async function ask(context: LookContext, local: Local, memory: Memory): Promise<void> {
  const { clock, registry, platform, signal, interval = INTERVAL } = context
  if (clock.monotonic() - memory.askedAt < interval * (1 - JITTER)) return
  memory.askedAt = clock.monotonic()
  try {
    const answer = await registry.digest(local.ref, {
      platform,
      known: settledDigests(local),
      mustFit: false,
      signal,
    })
    memory.learn(answer, clock.now())
  } catch (error) {
    if (!isDockerError(error) || signal?.aborted === true) throw error
    memory.error = error
  }
}

function movableBehind(context: LookContext, { users }: Local, remote: RemoteDigest, memory: Memory): User[] {
  return users.filter(
    (user) =>
      !runs(user, remote) &&
      refusal(user.candidate.seen, context) === undefined &&
      !memory.isLeft(user.candidate.seen.id),
  )
}

// An image that waits for its next container is kept up to date as well.
function isStale({ ref, image, users }: Local, { digest }: RemoteDigest, memory: Memory): boolean {
  return users.length === 0 && image?.digests.includes(digest) === false && !memory.isLeft(ref.repository)
}

// Counted from what the image says itself where that can be believed, else from when it was first seen here.
async function isYoung(context: LookContext, memory: Memory, { ref }: Target, remote: RemoteDigest): Promise<boolean> {
  const { minAge = 0, clock, registry, signal } = context
  if (minAge <= 0) return false
  const now = clock.now()
  if (memory.created === undefined) {
    const pinned = { ...ref, digest: remote.platformDigest ?? remote.digest }
    memory.created = (await registry.created(pinned, signal).catch(() => null)) ?? null
  }
  const told = memory.created
  const out = told !== null && told >= BELIEVABLE && told <= memory.firstSeen ? told : memory.firstSeen
  return now - out < minAge
}
