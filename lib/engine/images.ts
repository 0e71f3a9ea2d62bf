import type { CallOptions } from '../wire/call.ts'
import { needs } from '../wire/gates.ts'
import { imageName } from '../wire/path.ts'
import type { Filters } from '../wire/query.ts'
import type { BuildPruneOptions } from './build-options.ts'
import { pullImage, type ImagePullOptions, type PullOutcome } from './image-pull.ts'
import { ImageTransfer } from './image-transfer.ts'
import { ociPlatform, ociPlatforms, type Platform } from './platform.ts'
import { refuseRunning } from './image-users.ts'
import type { ProgressStream } from './progress-stream.ts'
import type { PruneOptions } from './prune-options.ts'
import type { Body } from './schema/body.ts'
import type { ContainerConfig, HealthcheckConfig } from './schema/container-config.ts'
import * as answers from './schema/image-answers.ts'
import type {
  BuildPruneResponse,
  CommitResponse,
  ImageAttestation,
  ImageHistoryItem,
  ImagePruneResponse,
  ImageSearchItem,
} from './schema/image-answers.ts'
import * as schema from './schema/images.ts'
import type { ImageDeleteItem, ImageInspect, ImageSummary } from './schema/images.ts'

export interface ImageListOptions {
  /** Intermediate layers too. */
  readonly all?: boolean | undefined
  readonly filters?: Filters | undefined
  /** `RepoDigests` too, on engines that leave them out. */
  readonly digests?: boolean | undefined
  /** `SharedSize` too. Needs API 1.42. */
  readonly sharedSize?: boolean | undefined
  /** Manifests by platform too. Needs API 1.47 and the containerd image store. */
  readonly manifests?: boolean | undefined
  /** Where the content came from, in `Manifests`, which this implies. Needs API 1.54. */
  readonly identity?: boolean | undefined
}

export interface ImageInspectOptions {
  /** Manifests by platform too. Needs API 1.48 and the containerd image store. */
  readonly manifests?: boolean | undefined
  /** Of an image with several. Needs API 1.49. */
  readonly platform?: Platform | undefined
}

export interface ImageAttestationsOptions {
  readonly platform?: Platform | undefined
  /** Predicate types. */
  readonly type?: readonly string[] | undefined
  /** The statements themselves too. */
  readonly statement?: boolean | undefined
}

export interface ImageHistoryOptions {
  /** Of an image with several. Needs API 1.48. */
  readonly platform?: Platform | undefined
}

export interface ImageTagOptions {
  readonly repo: string
  readonly tag?: string | undefined
}

export interface ImageRemoveOptions {
  readonly force?: boolean | undefined
  /** Keep untagged parents. */
  readonly noprune?: boolean | undefined
  /** Only these. Needs API 1.50. */
  readonly platforms?: readonly Platform[] | undefined
}

export interface ImageSearchOptions {
  readonly term: string
  readonly limit?: number | undefined
  /** `is-official`, `stars`. */
  readonly filters?: Filters | undefined
}

export interface ImageCommitOptions {
  /** Id or name. */
  readonly container: string
  readonly repo?: string | undefined
  readonly tag?: string | undefined
  readonly comment?: string | undefined
  readonly author?: string | undefined
  /** Pause it meanwhile; default yes. */
  readonly pause?: boolean | undefined
  /** Dockerfile instructions, for instance `CMD ["sh"]`. */
  readonly changes?: readonly string[] | undefined
}

/** Images of the engine. */
export class Images extends ImageTransfer {
  /** `GET /images/json` */
  async list(options: ImageListOptions = {}, call?: CallOptions): Promise<ImageSummary[]> {
    const { sharedSize, ...asked } = options
    // An engine refuses the one without the other.
    const query = asked.identity === true ? { ...asked, manifests: true } : asked
    const gated = needs({
      'shared size in an image list': sharedSize,
      'manifests in an image list': query.manifests,
      'identity in an image list': options.identity,
    })
    return this.wire.json(
      { method: 'GET', path: '/images/json', query: { ...query, 'shared-size': sharedSize }, needs: gated, call },
      schema.imageSummaries,
    )
  }

  /** `GET /images/{name}/json`, by reference or id. @throws ApiError `NOT_FOUND` */
  async inspect(name: string, options: ImageInspectOptions = {}, call?: CallOptions): Promise<ImageInspect> {
    const { manifests, platform } = options
    const query = { manifests, platform: platform === undefined ? undefined : ociPlatform(platform) }
    const gated = needs({ 'manifests of an image inspect': manifests, 'platform of an image inspect': platform })
    return this.wire.json(
      { method: 'GET', path: `/images/${imageName(name)}/json`, query, needs: gated, call },
      schema.imageInspect,
    )
  }

  /**
   * `GET /libpod/images/{name}/json`: the health check of an image, which podman leaves out of `inspect`. `undefined` for
   * none. @throws ApiError `NOT_FOUND` for no such image, and from every other engine
   */
  async libpodHealthcheck(name: string, call?: CallOptions): Promise<HealthcheckConfig | undefined> {
    const path = `/libpod/images/${imageName(name)}/json`
    return (await this.wire.json({ method: 'GET', path, call }, schema.libpodImage)).Healthcheck
  }

  /** `GET /images/{name}/attestations`: in-toto statements of its build. Needs API 1.55 and the containerd image store. */
  async attestations(
    name: string,
    options: ImageAttestationsOptions = {},
    call?: CallOptions,
  ): Promise<ImageAttestation[]> {
    const query = { ...options, platform: ociPlatforms(options.platform) }
    return this.wire.json(
      {
        method: 'GET',
        path: `/images/${imageName(name)}/attestations`,
        query,
        needs: ['attestations of an image'],
        call,
      },
      answers.imageAttestations,
    )
  }

  /** `GET /images/{name}/history`, newest first. @throws ApiError `NOT_FOUND` */
  async history(name: string, options: ImageHistoryOptions = {}, call?: CallOptions): Promise<ImageHistoryItem[]> {
    const { platform } = options
    return this.wire.json(
      {
        method: 'GET',
        path: `/images/${imageName(name)}/history`,
        query: { platform: platform === undefined ? undefined : ociPlatform(platform) },
        needs: needs({ 'platform of an image history': platform }),
        call,
      },
      answers.imageHistory,
    )
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
    return pullImage(this.wire, (...inspection) => this.inspect(...inspection), reference, options, call)
  }

  /** `POST /images/{name}/tag` */
  async tag(name: string, options: ImageTagOptions, call?: CallOptions): Promise<void> {
    await this.wire.none({ method: 'POST', path: `/images/${imageName(name)}/tag`, query: { ...options }, call })
  }

  /**
   * `DELETE /images/{name}`.
   *
   * @throws ApiError `CONFLICT` when a container uses it; with `force` when one runs, by id, and on podman by name, too
   */
  async remove(name: string, options: ImageRemoveOptions = {}, call?: CallOptions): Promise<ImageDeleteItem[]> {
    if (options.force === true) await refuseRunning(this.wire, name, call)
    const query = { ...options, platforms: ociPlatforms(options.platforms) }
    const gated = needs({ 'platforms of an image removal': options.platforms })
    return this.wire.json(
      { method: 'DELETE', path: `/images/${imageName(name)}`, query, needs: gated, long: true, call },
      schema.imageDeleteItems,
    )
  }

  /** `GET /images/search`, on Docker Hub. */
  async search(options: ImageSearchOptions, call?: CallOptions): Promise<ImageSearchItem[]> {
    return this.wire.json(
      { method: 'GET', path: '/images/search', query: { ...options }, call },
      answers.imageSearchItems,
    )
  }

  /** `POST /commit`: an image of a container as it is; `config` changes what its own says. */
  async commit(
    options: ImageCommitOptions,
    config?: Body<ContainerConfig>,
    call?: CallOptions,
  ): Promise<CommitResponse> {
    return this.wire.json(
      { method: 'POST', path: '/commit', query: { ...options }, json: config ?? {}, long: true, call },
      answers.commitResponse,
    )
  }

  /** `POST /images/prune`: dangling ones, with the filter `dangling=false` all that no container uses. */
  async prune(options: PruneOptions = {}, call?: CallOptions): Promise<ImagePruneResponse> {
    return this.wire.json(
      { method: 'POST', path: '/images/prune', query: { ...options }, long: true, call },
      answers.imagePruneResponse,
    )
  }

  /** `POST /build/prune`: the build cache. */
  async buildPrune(options: BuildPruneOptions = {}, call?: CallOptions): Promise<BuildPruneResponse> {
    const { keepStorage, reservedSpace, maxUsedSpace, minFreeSpace, ...query } = options
    const limits = {
      'keep-storage': keepStorage,
      'reserved-space': reservedSpace,
      'max-used-space': maxUsedSpace,
      'min-free-space': minFreeSpace,
    }
    const gated = needs({ 'limits of a build prune': reservedSpace ?? maxUsedSpace ?? minFreeSpace })
    return this.wire.json(
      { method: 'POST', path: '/build/prune', query: { ...query, ...limits }, needs: gated, long: true, call },
      answers.buildPruneResponse,
    )
  }
}
