import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

import { InputError } from '../../base/errors.ts'

/**
 * A layer: the bytes of a tar archive (see `layer`), or one that is only spoken of, with a name that makes it distinct
 * and a size in bytes. The second kind can be pulled by the model engine, not from the model registry.
 */
export type LayerSpec = Uint8Array | { readonly name: string; readonly bytes: number }

/** An image as its author sees it. Equal specs give equal digests. */
export interface ImageSpec {
  /** `Config` in the API's own words: `Env`, `Cmd`, `Entrypoint`, `Labels`, `ExposedPorts`, `Volumes`, `Healthcheck`, … */
  readonly config?: Readonly<Record<string, unknown>> | undefined
  /** Default one empty layer. */
  readonly layers?: readonly LayerSpec[] | undefined
  /** Default `linux`. */
  readonly os?: string | undefined
  /** Default `amd64`. */
  readonly architecture?: string | undefined
  readonly variant?: string | undefined
  /** RFC 3339; default 2026-01-01. */
  readonly created?: string | undefined
  /** Media types of the manifest; default `docker`. */
  readonly format?: 'docker' | 'oci' | undefined
}

/** One name, an image for each platform. */
export interface IndexSpec {
  readonly manifests: readonly ImageSpec[]
  /** They change the digest of the index and nothing else, as a provenance-only push does. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

/** A blob with its descriptor. `bytes` is absent for a layer that is only spoken of. */
export interface Content extends Descriptor {
  readonly bytes: Buffer | undefined
}

export interface Manifest extends Descriptor {
  readonly bytes: Buffer
}

export interface ImageContent {
  readonly spec: ImageSpec
  readonly manifest: Manifest
  readonly config: Content & { readonly bytes: Buffer }
  readonly layers: readonly (Content & { readonly diffId: string; readonly unpacked: number })[]
  readonly platform: { readonly os: string; readonly architecture: string; readonly variant?: string }
}

export interface IndexContent {
  readonly manifest: Manifest
  readonly images: readonly ImageContent[]
}

const TYPES = {
  docker: {
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  },
  oci: {
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  },
} as const

const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json'
const EMPTY_TAR = Buffer.alloc(1024)

export function isIndexSpec(spec: ImageSpec | IndexSpec): spec is IndexSpec {
  return 'manifests' in spec
}

// Specs are values: what was built of one is kept with it, for the same few are published thousands of times.
const built = new WeakMap<ImageSpec, ImageContent>()

/** Config, layers and manifest of an image, with their digests. */
export function imageContent(spec: ImageSpec): ImageContent {
  const known = built.get(spec)
  if (known !== undefined) return known
  const content = buildImage(spec)
  built.set(spec, content)
  return content
}

/** The index and the images it names. @throws InputError `INPUT_INVALID` for an index without images */
export function indexContent(spec: IndexSpec): IndexContent {
  if (spec.manifests.length === 0) throw new InputError('INPUT_INVALID', 'an index needs at least one image')
  const images = spec.manifests.map((image) => imageContent(image))
  const manifest = document(INDEX_TYPE, {
    schemaVersion: 2,
    mediaType: INDEX_TYPE,
    manifests: images.map(({ manifest: { mediaType, digest, size }, platform }) => ({
      mediaType,
      digest,
      size,
      platform,
    })),
    ...(spec.annotations === undefined ? {} : { annotations: spec.annotations }),
  })
  return { manifest, images }
}

export function sha256(bytes: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function buildImage(spec: ImageSpec): ImageContent {
  const types = TYPES[spec.format ?? 'docker']
  const layers = (spec.layers ?? [EMPTY_TAR]).map((layer) => buildLayer(layer, types.layer))
  const platform = {
    os: spec.os ?? 'linux',
    architecture: spec.architecture ?? 'amd64',
    ...(spec.variant === undefined ? {} : { variant: spec.variant }),
  }
  return assembleImage(spec, platform, layers)
}

/** An image of layers that are there already. */
export function assembleImage(
  spec: ImageSpec,
  platform: ImageContent['platform'],
  layers: ImageContent['layers'],
): ImageContent {
  const types = TYPES[spec.format ?? 'docker']
  const created = spec.created ?? '2026-01-01T00:00:00Z'
  const config = document(types.config, {
    ...platform,
    created,
    config: spec.config ?? {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created, created_by: 'COPY . /' })),
  })
  const manifest = document(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: descriptor(config),
    layers: layers.map(descriptor),
  })
  return { spec, manifest, config, layers, platform }
}

/** A layer of these bytes, or of the name that stands for them. */
export function layerContent(layer: LayerSpec): ImageContent['layers'][number] {
  return buildLayer(layer, TYPES.docker.layer)
}

function buildLayer(layer: LayerSpec, mediaType: string): ImageContent['layers'][number] {
  if (layer instanceof Uint8Array) {
    const bytes = gzipSync(layer)
    return {
      mediaType,
      digest: sha256(bytes),
      size: bytes.length,
      bytes,
      diffId: sha256(layer),
      unpacked: layer.length,
    }
  }
  const digest = sha256(`layer ${layer.name}`)
  const diffId = sha256(`unpacked ${layer.name}`)
  return { mediaType, digest, size: layer.bytes, bytes: undefined, diffId, unpacked: layer.bytes }
}

function document(mediaType: string, value: object): Manifest {
  const bytes = Buffer.from(JSON.stringify(value))
  return { mediaType, digest: sha256(bytes), size: bytes.length, bytes }
}

function descriptor({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size }
}
