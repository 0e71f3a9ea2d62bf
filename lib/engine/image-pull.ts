import { given } from '../base/defaults.ts'
import { StreamError, hasCode, isNotFound } from '../base/errors.ts'
import { formatReference, parseReference, repositoryName, type Reference } from '../base/reference.ts'
import type { RegistryAuth } from '../base/registry-auth.ts'
import type { CallOptions, Operation, Wire } from '../wire/call.ts'
import { authHeader } from './auth-header.ts'
import { ociPlatform, platformText, type Platform } from './platform.ts'
import { ProgressStream, type LastMessages } from './progress-stream.ts'
import { refusedPull, streamedPullFailure, type PullContext } from './pull-failure.ts'
import { progressMessage, type ImageInspect } from './schema/images.ts'

export interface ImagePullOptions {
  /** Sent as `X-Registry-Auth`. The engine sends it to the registry of the reference, whatever it says itself. */
  readonly auth?: RegistryAuth | undefined
  /** Default the engine's own. */
  readonly platform?: Platform | undefined
}

/** What a pull came to. */
export interface PullOutcome {
  /** Id of the image that the reference names now. */
  readonly id: string
  /** Manifest or index digest, as the engine told; `undefined` on podman. */
  readonly digest: string | undefined
  /** Whether the reference named another image before, or none. */
  readonly changed: boolean
}

// Deadlines of a pull: silence before the first byte, silence inside, and the whole of it (retry lines feed the second).
const PULL_DEADLINES = { headersTimeout: 60_000, idleTimeout: 120_000, timeout: 15 * 60_000 }

/** A pull of one reference; `inspect` tells before and after what it names. */
export function pullImage(
  wire: Wire,
  inspect: (name: string, options: { readonly platform?: Platform }, call: CallOptions) => Promise<ImageInspect>,
  reference: string,
  options: ImagePullOptions,
  call: CallOptions,
): ProgressStream<PullOutcome> {
  let ref: Reference
  try {
    ref = parseReference(reference)
  } catch (error) {
    return ProgressStream.failed(error)
  }
  const context: PullContext = { ref, withAuth: options.auth !== undefined }
  const named = (signal: AbortSignal | undefined): Promise<ImageInspect | undefined> =>
    inspect(formatReference(ref), {}, { signal }).catch(absentAsUndefined)
  // The containerd store keeps several platforms under one name, and tells of the host's unless another one is asked for:
  // its id is then that of the platform's manifest, and not the one that containers show.
  const look = async (signal: AbortSignal | undefined): Promise<Look> => {
    const image = await named(signal)
    const { platform } = options
    if (platform === undefined || image === undefined) return { image, ofPlatform: image, isSure: false }
    try {
      return { image, ofPlatform: await inspect(formatReference(ref), { platform }, { signal }), isSure: true }
    } catch (error) {
      if (hasCode(error, 'ENGINE_TOO_OLD')) return { image, ofPlatform: image, isSure: false }
      return { image, ofPlatform: absentAsUndefined(error), isSure: true }
    }
  }
  let before: Look | undefined

  return new ProgressStream<PullOutcome>({
    prepare: async (signal) => {
      before = await look(signal)
    },
    open: (reading) => wire.lines(() => pullOperation(ref, options, call), progressMessage, reading),
    refused: (error) => refusedPull(error, context),
    failure: (words) => streamedPullFailure(words, context),
    finish: async (last, signal) => {
      const after = await look(signal)
      const { image } = after
      verifyPull(ref, last, image)
      verifyPlatform(ref, last, after, options.platform)
      const changed = before?.image?.Id !== image.Id || before.ofPlatform === undefined
      return { id: image.Id, digest: last.digest ?? ref.digest, changed }
    },
  })
}

/** What a reference names. */
interface Look {
  readonly image: ImageInspect | undefined
  /** The same of the platform that is wanted. */
  readonly ofPlatform: ImageInspect | undefined
  /** The engine was asked for this platform. */
  readonly isSure: boolean
}

// Name and tag go apart: an empty `fromImage` would be an import, one without a tag a pull of every tag.
function pullOperation(ref: Reference, options: ImagePullOptions, call: CallOptions): Operation {
  return {
    method: 'POST',
    path: '/images/create',
    query: {
      fromImage: repositoryName(ref),
      tag: ref.digest ?? ref.tag ?? 'latest',
      platform: options.platform === undefined ? undefined : platformText(options.platform),
    },
    headers: authHeader(options.auth, repositoryName(ref)),
    call: { ...PULL_DEADLINES, ...given(call) },
  }
}
function absentAsUndefined(error: unknown): undefined {
  if (!isNotFound(error)) throw error
}

function verifyPull(
  ref: Reference,
  last: Readonly<LastMessages>,
  after: ImageInspect | undefined,
): asserts after is ImageInspect {
  const fail = (code: 'PULL_FAILED' | 'DIGEST_MISMATCH', why: string) => distrust(ref, code, why)
  if (last.count === 0) throw fail('PULL_FAILED', 'the engine answered 200 and said nothing')
  if (after === undefined) throw fail('PULL_FAILED', 'the stream ended well, but the engine has no such image')
  if (last.final === undefined && !closedByPodman(last, after))
    throw fail('PULL_FAILED', 'the stream ended without its closing line: it was cut')
  const digests = after.RepoDigests.filter((digest) => sameRepository(digest, ref))
  if (
    last.digest !== undefined &&
    digests.length > 0 &&
    !digests.some((digest) => digest.endsWith(`@${last.digest}`))
  ) {
    throw fail('DIGEST_MISMATCH', `it brought ${last.digest}, but the image has ${digests.join(', ')}`)
  }
}

function verifyPlatform(
  ref: Reference,
  last: Readonly<LastMessages>,
  { image, ofPlatform, isSure }: Look,
  platform: Platform | undefined,
): void {
  const came = ofPlatform ?? image
  if (came?.Os === '') {
    const what = platform ?? 'its own platform'
    throw distrust(ref, 'NO_PLATFORM', `the engine has the name, but not the content for ${what}`)
  }
  if (platform === undefined) return
  // Below API 1.49 the containerd store tells of the host's platform only; its ids are digests of what was pulled.
  if (!isSure && image?.Id === last.digest) return
  const { os, architecture } = ociPlatform(platform)
  if (came?.Os === os && came.Architecture === architecture) return
  throw distrust(ref, 'NO_PLATFORM', `${platform} was asked for, ${came?.Os}/${came?.Architecture} came`)
}

function distrust(ref: Reference, code: 'PULL_FAILED' | 'DIGEST_MISMATCH' | 'NO_PLATFORM', why: string): StreamError {
  return new StreamError(code, `cannot trust the pull of ${formatReference(ref)}: ${why}`, {
    method: 'POST',
    path: '/images/create',
  })
}

// podman has no closing status line; its last line is "Download complete" with the image's own short id.
function closedByPodman({ message }: Readonly<LastMessages>, image: ImageInspect): boolean {
  return (
    message.status === 'Download complete' &&
    message.id !== undefined &&
    image.Id.replace('sha256:', '').startsWith(message.id)
  )
}

function sameRepository(repoDigest: string, ref: Reference): boolean {
  try {
    return repositoryName(parseReference(repoDigest)) === repositoryName(ref)
  } catch {
    return false
  }
}
