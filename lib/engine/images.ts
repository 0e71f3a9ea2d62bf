import { StreamError, isNotFound } from '../base/errors.ts'
import { formatReference, parseReference, repositoryName, type Reference } from '../base/reference.ts'
import { encodeRegistryAuth, type RegistryAuth } from '../base/registry-auth.ts'
import type { CallOptions, Wire } from '../wire/call.ts'
import { imageName } from '../wire/path.ts'
import type { Filters } from '../wire/query.ts'
import type { ProgressMessage } from '../stream/progress.ts'
import { ProgressStream, type LastMessages } from './progress-stream.ts'
import { refusedPull, streamedPullFailure, type PullContext } from './pull-failure.ts'
import * as schema from './schema/images.ts'
import type { ImageDeleteItem, ImageInspect, ImageSummary } from './schema/images.ts'

export interface ImageListOptions {
  /** Intermediate layers too. */
  readonly all?: boolean | undefined
  readonly filters?: Filters | undefined
}

export interface ImageInspectOptions {
  /** The manifests of an index too; containerd store only, needs API 1.48. */
  readonly manifests?: boolean | undefined
}

export interface ImagePullOptions {
  /** Sent as `X-Registry-Auth`. The engine sends it to the registry of the reference, whatever it says itself. */
  readonly auth?: RegistryAuth | undefined
  /** `os/arch[/variant]`; default the engine's own. */
  readonly platform?: string | undefined
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

export interface ImageTagOptions {
  readonly repo: string
  readonly tag?: string | undefined
}

export interface ImageRemoveOptions {
  readonly force?: boolean | undefined
  /** Keep untagged parents. */
  readonly noprune?: boolean | undefined
}

// Deadlines of a pull: silence before the first byte, silence inside, and the whole of it (retry lines feed the second).
const PULL_DEADLINES = { headersTimeout: 60_000, idleTimeout: 120_000, timeout: 15 * 60_000 }

/** Images of the engine. */
export class Images {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** `GET /images/json` */
  list(options: ImageListOptions = {}, call?: CallOptions): Promise<ImageSummary[]> {
    return this.#wire.json({ method: 'GET', path: '/images/json', query: { ...options }, call }, schema.imageSummaries)
  }

  /** `GET /images/{name}/json`, by reference or id. @throws ApiError `NOT_FOUND` */
  inspect(name: string, options: ImageInspectOptions = {}, call?: CallOptions): Promise<ImageInspect> {
    const operation = {
      method: 'GET' as const,
      path: `/images/${imageName(name)}/json`,
      query: { ...options },
      needs: options.manifests === undefined ? [] : (['manifests of an image inspect'] as const),
      call,
    }
    return this.#wire.json(operation, schema.imageInspect)
  }

  /**
   * `POST /images/create`. The outcome is there only when the stream ended cleanly, no line carried an error, the closing
   * line came and an inspect agrees. A reference without tag means `latest`, never all tags.
   *
   * @throws InputError `REF_INVALID`
   * @throws CredentialError `CREDENTIALS_MISSING`, `CREDENTIALS_REJECTED`
   * @throws StreamError `PULL_FAILED`, `NOT_FOUND`, `NO_PLATFORM`, `RATE_LIMITED`, `REGISTRY_UNAVAILABLE`, `TLS`, `DIGEST_MISMATCH`
   */
  pull(reference: string, options: ImagePullOptions = {}, call: CallOptions = {}): ProgressStream<PullOutcome> {
    const ref = parseReference(reference)
    const context: PullContext = { ref, withAuth: options.auth !== undefined }
    const wire = this.#wire
    const name = formatReference(ref)
    const idOf = (): Promise<ImageInspect | undefined> =>
      this.inspect(name, {}, { signal: call.signal }).catch(absentAsUndefined)
    let before: ImageInspect | undefined

    async function* open(self: Images): AsyncGenerator<ProgressMessage, void, undefined> {
      before = await idOf()
      try {
        yield* wire.lines(self.#pullOperation(ref, options, call), schema.progressMessage)
      } catch (error) {
        throw refusedPull(error, context)
      }
    }

    return new ProgressStream<PullOutcome>({
      open: () => open(this),
      failure: (words) => streamedPullFailure(words, context),
      finish: async (last) => {
        const after = await idOf()
        verifyPull(ref, last, after, options.platform)
        return { id: after.Id, digest: last.digest ?? ref.digest, changed: before?.Id !== after.Id }
      },
    })
  }

  /** `POST /images/{name}/tag` */
  async tag(name: string, options: ImageTagOptions, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'POST', path: `/images/${imageName(name)}/tag`, query: { ...options }, call })
  }

  /** `DELETE /images/{name}`. @throws ApiError `CONFLICT` when a container uses it */
  remove(name: string, options: ImageRemoveOptions = {}, call?: CallOptions): Promise<ImageDeleteItem[]> {
    return this.#wire.json(
      { method: 'DELETE', path: `/images/${imageName(name)}`, query: { ...options }, call },
      schema.imageDeleteItems,
    )
  }

  // Name and tag go apart: an empty `fromImage` would be an import, one without a tag a pull of every tag.
  #pullOperation(ref: Reference, options: ImagePullOptions, call: CallOptions) {
    return {
      method: 'POST' as const,
      path: '/images/create',
      query: { fromImage: repositoryName(ref), tag: ref.digest ?? ref.tag ?? 'latest', platform: options.platform },
      headers: options.auth === undefined ? {} : { 'X-Registry-Auth': encodeRegistryAuth(options.auth, ref.registry) },
      call: { ...PULL_DEADLINES, ...call },
    }
  }
}

function absentAsUndefined(error: unknown): undefined {
  if (!isNotFound(error)) throw error
}

function verifyPull(
  ref: Reference,
  last: Readonly<LastMessages>,
  after: ImageInspect | undefined,
  platform: string | undefined,
): asserts after is ImageInspect {
  const fail = (code: 'PULL_FAILED' | 'DIGEST_MISMATCH' | 'NO_PLATFORM', why: string) =>
    new StreamError(code, `cannot trust the pull of ${formatReference(ref)}: ${why}`, {
      method: 'POST',
      path: '/images/create',
    })
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
  const [os, arch] = platform?.split('/') ?? []
  if (arch !== undefined && (after.Os !== os || after.Architecture !== arch)) {
    throw fail('NO_PLATFORM', `${platform} was asked for, ${after.Os}/${after.Architecture} came`)
  }
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
