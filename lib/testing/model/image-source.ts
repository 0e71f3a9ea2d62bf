import { formatReference, parseReference, repositoryName, type Reference } from '../../base/reference.ts'
import {
  imageContent,
  indexContent,
  isIndexSpec,
  type Descriptor,
  type ImageContent,
  type ImageSpec,
  type IndexSpec,
} from '../registry/image.ts'

/** What a registry holds against a pull. */
export type PullFailure =
  | 'unreachable'
  | 'no-credentials'
  | 'bad-credentials'
  | 'denied'
  | 'no-manifest'
  | 'rate-limited'
  | 'unavailable'

/** What goes wrong after the stream began: a lost layer, or the connection to the client. */
export type StreamFailure = 'broken-layer' | 'cut'

export class PullRefused extends Error {
  readonly why: PullFailure

  constructor(why: PullFailure) {
    super(why)
    this.why = why
  }
}

/** A credential as it came in `X-Registry-Auth`. */
export interface PullAuth {
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly identitytoken?: string | undefined
  readonly registrytoken?: string | undefined
  readonly serveraddress?: string | undefined
}

export interface Resolved {
  readonly target: Descriptor
  /** One for each platform. */
  readonly images: readonly ImageContent[]
  readonly fails?: StreamFailure | undefined
}

/** Where an engine pulls from. Its methods throw `PullRefused`. */
export interface ImageSource {
  resolve(ref: Reference, auth: PullAuth | undefined): Promise<Resolved>
  tags(ref: Reference, auth: PullAuth | undefined): Promise<string[]>
  /** Takes what is pushed, where it can be. */
  push?(ref: Reference, content: ImageContent): void
}

export interface PublishOptions {
  /** The pull is refused so. */
  readonly refused?: PullFailure | undefined
  /** The pull begins, and then fails so. */
  readonly fails?: StreamFailure | undefined
}

export interface LocalSourceOptions {
  /** Registries that want a login, by host. */
  readonly credentials?: Readonly<Record<string, { readonly username: string; readonly password: string }>> | undefined
  /** Registries that are asked over the network, by host. */
  readonly network?: ((ref: Reference) => ImageSource | undefined) | undefined
}

/** Every registry of the model's world, in memory. */
export interface LocalSource extends ImageSource {
  /** Points a reference at an image, as a push does. */
  publish(ref: string, image: ImageSpec | IndexSpec, options?: PublishOptions): Resolved
}

interface Published extends Resolved {
  readonly refused: PullFailure | undefined
}

export function localSource(options: LocalSourceOptions = {}): LocalSource {
  const byName = new Map<string, Published>()
  const byDigest = new Map<string, Published>()
  const elsewhere = (ref: Reference): ImageSource | undefined => options.network?.(ref)

  const admit = ({ registry }: Reference, auth: PullAuth | undefined): void => {
    const wanted = options.credentials?.[registry]
    if (wanted === undefined) return
    if (auth?.username === undefined) throw new PullRefused('no-credentials')
    if (auth.username !== wanted.username || auth.password !== wanted.password) throw new PullRefused('bad-credentials')
  }

  return {
    publish: (name, spec, { refused, fails } = {}) => {
      const ref = parseReference(name)
      const published = { ...contentOf(spec), refused, fails }
      byName.set(formatReference(ref), published)
      byDigest.set(`${repositoryName(ref)}@${published.target.digest}`, published)
      return published
    },
    push: (ref, content) => {
      const pushed = { target: content.manifest, images: [content], refused: undefined, fails: undefined }
      byName.set(formatReference(ref), pushed)
      byDigest.set(`${repositoryName(ref)}@${content.manifest.digest}`, pushed)
    },
    resolve: async (ref, auth) => {
      const network = elsewhere(ref)
      if (network !== undefined) return network.resolve(ref, auth)
      admit(ref, auth)
      const found =
        ref.digest === undefined
          ? byName.get(formatReference(ref))
          : byDigest.get(`${repositoryName(ref)}@${ref.digest}`)
      if (found === undefined) throw new PullRefused('no-manifest')
      if (found.refused !== undefined) throw new PullRefused(found.refused)
      return found
    },
    tags: async (ref, auth) => {
      const network = elsewhere(ref)
      if (network !== undefined) return network.tags(ref, auth)
      admit(ref, auth)
      const start = `${repositoryName(ref)}:`
      const tags = [...byName.keys()].filter((name) => name.startsWith(start)).map((name) => name.slice(start.length))
      if (tags.length === 0) throw new PullRefused('no-manifest')
      return tags.toSorted()
    },
  }
}

function contentOf(spec: ImageSpec | IndexSpec): Omit<Resolved, 'fails'> {
  if (isIndexSpec(spec)) {
    const { manifest, images } = indexContent(spec)
    return { target: manifest, images }
  }
  const image = imageContent(spec)
  return { target: image.manifest, images: [image] }
}
