import { StreamError } from '../base/errors.ts'
import { encodeRegistryConfig, type RegistryAuth } from '../base/registry-auth.ts'
import type { ProgressMessage } from '../stream/progress.ts'
import type { CallOptions, Operation, Wire } from '../wire/call.ts'
import { needs } from '../wire/gates.ts'
import { prepared } from '../wire/operation.ts'
import { imageName } from '../wire/path.ts'
import type { Query } from '../wire/query.ts'
import { authHeader } from './auth-header.ts'
import { buildQuery, type ImageBuildOptions } from './build-options.ts'
import {
  built,
  imported,
  insteadOfIndex,
  loaded,
  pushed,
  type ImageOutcome,
  type LoadOutcome,
  type PushOutcome,
} from './image-outcome.ts'
import { ociPlatform, ociPlatforms, platformText, type Platform } from './platform.ts'
import { ProgressStream, streamFailure } from './progress-stream.ts'
import { progressMessage } from './schema/images.ts'
import { contextBytes, tarBytes, type FolderContext, type TarSource } from './tar-body.ts'
import { TarStream } from './tar-stream.ts'

export interface ImagePushOptions {
  /** Default the tag of the name; without either, all tags of it. */
  readonly tag?: string | undefined
  readonly auth?: RegistryAuth | undefined
  /** Only this one. Needs API 1.46. */
  readonly platform?: Platform | undefined
}

export interface ImageImportOptions {
  /** Name of the new image; podman takes no tag in it. */
  readonly repo?: string | undefined
  readonly tag?: string | undefined
  readonly message?: string | undefined
  /** Dockerfile instructions, for instance `CMD ["sh"]`. */
  readonly changes?: readonly string[] | undefined
  readonly platform?: Platform | undefined
}

export interface ImageSaveOptions {
  /** Only these; more than one needs API 1.52, one 1.48. */
  readonly platform?: Platform | readonly Platform[] | undefined
}

export interface ImageLoadOptions extends ImageSaveOptions {
  /** No progress, only the outcome. */
  readonly quiet?: boolean | undefined
}

const TAR = 'application/x-tar'

/** Images on their way: built, pushed, imported, saved, loaded. */
export class ImageTransfer {
  protected readonly wire: Wire

  constructor(wire: Wire) {
    this.wire = wire
  }

  /**
   * `POST /build` by the classic builder, from a folder (`{ context: './app' }`, with its `.dockerignore`), a tar or files with
   * a Dockerfile among them; without a context from `remote`. A tar may be compressed. BuildKit (`version: '2'`) wants a session, which is not spoken here.
   *
   * @throws StreamError `STREAM_FAILED` when a step fails or the stream is cut
   */
  build(
    context: TarSource | FolderContext | undefined,
    options: ImageBuildOptions = {},
    call?: CallOptions,
  ): ProgressStream<ImageOutcome> {
    const { registryConfig } = options
    const operation = (): Operation => ({
      method: 'POST',
      path: '/build',
      query: buildQuery(options),
      headers: registryConfig === undefined ? {} : { 'X-Registry-Config': encodeRegistryConfig(registryConfig) },
      // The content type is the same for a remote context, where there is no body.
      raw: { type: TAR, body: context === undefined ? new Uint8Array() : contextBytes(context, options.dockerfile) },
      call,
    })
    let found: ReturnType<typeof built>
    return this.#progress(operation, {
      note: (message) => {
        const next = built(message)
        if (next !== undefined && (next.sure || found?.sure !== true)) found = next
      },
      outcome: () => found && { id: found.id },
    })
  }

  /**
   * `POST /images/{name}/push`. Closing the connection cancels it.
   *
   * @throws StreamError `STREAM_FAILED`; ApiError `NOT_FOUND` when there is no such image
   */
  push(name: string, options: ImagePushOptions = {}, call?: CallOptions): ProgressStream<PushOutcome> {
    const { auth, platform } = options
    const [repository, tag] = splitTag(name)
    const operation = (): Operation => ({
      method: 'POST',
      path: `/images/${imageName(repository)}/push`,
      query: { tag: options.tag ?? tag, platform: platform === undefined ? undefined : ociPlatform(platform) },
      headers: { 'X-Registry-Auth': NO_AUTH, ...authHeader(auth, name) },
      needs: needs({ 'platform of a push': platform }),
      call,
    })
    let instead: PushOutcome['insteadOfIndex']
    let found: PushOutcome = { tag: undefined, digest: undefined, size: undefined }
    return this.#progress(operation, {
      note: (message) => {
        found = pushed(message) ?? found
        instead = insteadOfIndex(message) ?? instead
      },
      outcome: () => (instead === undefined ? found : { ...found, insteadOfIndex: instead }),
    })
  }

  /** `POST /images/create?fromSrc=…`: an image of one layer, from a tar, files, or a URL that the engine reads. */
  import(source: TarSource | URL, options: ImageImportOptions = {}, call?: CallOptions): ProgressStream<ImageOutcome> {
    const operation = (): Operation => ({
      method: 'POST',
      path: '/images/create',
      query: {
        ...options,
        platform: options.platform === undefined ? undefined : platformText(options.platform),
        fromSrc: source instanceof URL ? source.href : '-',
      },
      raw: { type: TAR, body: source instanceof URL ? new Uint8Array() : tarBytes(source) },
      call,
    })
    let id: string | undefined
    return this.#progress(operation, {
      note: (message) => {
        id = imported(message) ?? id
      },
      outcome: () => (id === undefined ? undefined : { id }),
    })
  }

  /** `POST /images/load`: the images of a tar that `save` made; it may be compressed. */
  load(archive: TarSource, options: ImageLoadOptions = {}, call?: CallOptions): ProgressStream<LoadOutcome> {
    const operation = (): Operation => ({
      method: 'POST',
      path: '/images/load',
      query: { quiet: options.quiet, platform: ociPlatforms(options.platform) },
      raw: { type: TAR, body: tarBytes(archive) },
      needs: platformNeeds(options),
      call,
    })
    const images: string[] = []
    return this.#progress(operation, {
      note: (message) => {
        images.push(...loaded(message))
      },
      outcome: () => (images.length === 0 ? undefined : { images }),
    })
  }

  /** `GET /images/{name}/get`: an image with all its layers as a tar. */
  save(name: string, options: ImageSaveOptions = {}, call?: CallOptions): TarStream {
    return this.#saved(() => `/images/${imageName(name)}/get`, options, {}, call)
  }

  /** `GET /images/get`: several images as one tar. */
  saveAll(names: readonly string[], options: ImageSaveOptions = {}, call?: CallOptions): TarStream {
    return this.#saved(() => '/images/get', options, { names }, call)
  }

  #saved(path: () => string, options: ImageSaveOptions, query: Query, call: CallOptions | undefined): TarStream {
    const operation = (): Operation => ({
      method: 'GET',
      path: path(),
      query: { ...query, platform: ociPlatforms(options.platform) },
      needs: platformNeeds(options),
      call,
    })
    return new TarStream(this.wire.bytes(operation))
  }

  #progress<Outcome>(source: () => Operation, reading: Reading<Outcome>): ProgressStream<Outcome> {
    const operation = prepared(source)
    return new ProgressStream<Outcome>({
      open: (watch) => this.wire.lines(operation, progressMessage, watch),
      note: (message) => reading.note(message),
      failure: streamFailure,
      finish: () => {
        const outcome = reading.outcome()
        if (outcome !== undefined) return Promise.resolve(outcome)
        const { method, path } = operation()
        throw new StreamError('STREAM_FAILED', `${method} ${path} ended without its result: it was cut`, {
          method,
          path,
        })
      },
    })
  }
}

/** How the messages of a stream add up to its outcome; none means that it did not come to its end. */
interface Reading<Outcome> {
  note(message: ProgressMessage): void
  outcome(): Outcome | undefined
}

// podman reports the tag of the query, and for a tag in the name another one; both together it does not understand.
function splitTag(name: string): readonly [repository: string, tag: string | undefined] {
  const colon = typeof name === 'string' && !name.includes('@') ? name.lastIndexOf(':') : -1
  return colon > name.lastIndexOf('/') ? [name.slice(0, colon), name.slice(colon + 1)] : [name, undefined]
}

// A push without the header is refused below API 1.45 (moby image_routes.go): `{}` in base64url.
const NO_AUTH = 'e30='

function platformNeeds({ platform }: ImageSaveOptions) {
  return needs({
    'platform of a save or load': platform,
    'several platforms of a save or load': typeof platform === 'object' && platform.length > 1,
  })
}
