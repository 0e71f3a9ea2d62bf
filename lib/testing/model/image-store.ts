import { parseJson, objectAt, type JsonObject } from '../../base/json.ts'
import {
  familiarReference,
  formatReference,
  parseReference,
  repositoryName,
  type Reference,
} from '../../base/reference.ts'
import type { Descriptor, ImageContent } from '../registry/image.ts'
import { emit } from './events.ts'
import { refuse } from './refusal.ts'
import { now, type World } from './world.ts'

export interface StoredLayer {
  readonly digest: string
  readonly diffId: string
  /** Bytes as they go over the wire, and unpacked. */
  readonly size: number
  readonly unpacked: number
}

/** An image in the engine's store. */
export interface StoredImage {
  /** Config digest, or with the containerd store the digest that was pulled. */
  readonly id: string
  readonly configDigest: string
  /** What the registry said: a manifest or an index. */
  readonly target: Descriptor
  /** The manifest of the platform. */
  readonly manifest: Descriptor
  readonly platform: { readonly os: string; readonly architecture: string; readonly variant?: string }
  readonly created: string
  /** The config document's `config`. */
  readonly config: JsonObject
  readonly layers: readonly StoredLayer[]
  /** Normalised `repository@digest`, in the order of their coming. */
  readonly digests: string[]
  /** Repositories that the content came from, without the port of their registry. */
  readonly pulledFrom: string[]
  tagged: number
}

/** Puts pulled content into the store under a reference. Gives the image and whether the reference moved. */
export function storeImage(
  world: World,
  ref: Reference,
  content: ImageContent,
  target: Descriptor,
): { image: StoredImage; moved: boolean } {
  const { images, tags } = world.state
  const id = world.profile.store === 'config' ? content.config.digest : target.digest
  const image = images.get(id) ?? newImage(id, content, target)
  images.set(id, image)
  keepContent(world, content)
  const repository = repositoryName(ref)
  addDigest(image, `${repository}@${target.digest}`)
  if (world.profile.family === 'podman') addDigest(image, `${repository}@${content.manifest.digest}`)
  image.tagged = now(world)
  const name = ref.digest === undefined ? formatReference(ref) : undefined
  const moved = name === undefined ? false : tags.get(name) !== id
  if (name !== undefined && moved) moveTag(world, name, id)
  return { image, moved }
}

// What a save and a commit need: the config as it stands, and layers unpacked.
function keepContent({ blobs, contents }: World, content: ImageContent): void {
  const { config, layers, spec } = content
  contents.set(config.digest, content)
  blobs.set(config.digest, config.bytes)
  for (const [i, { diffId }] of layers.entries()) {
    const layer = spec.layers?.[i]
    if (layer instanceof Uint8Array) blobs.set(diffId, layer)
  }
}

function newImage(id: string, content: ImageContent, target: Descriptor): StoredImage {
  const document = parseJson(content.config.bytes.toString())
  return {
    id,
    configDigest: content.config.digest,
    target: { mediaType: target.mediaType, digest: target.digest, size: target.size },
    manifest: {
      mediaType: content.manifest.mediaType,
      digest: content.manifest.digest,
      size: content.manifest.size,
    },
    platform: content.platform,
    created: content.spec.created ?? '2026-01-01T00:00:00Z',
    config: objectAt(document, 'config'),
    layers: content.layers.map(({ digest, diffId, size, unpacked }) => ({ digest, diffId, size, unpacked })),
    digests: [],
    pulledFrom: [],
    tagged: 0,
  }
}

// The containerd store and podman know images by their names: with the last tag of a repository its digest is gone too.
function moveTag(world: World, name: string, id: string): void {
  const { tags, images } = world.state
  const before = images.get(tags.get(name) ?? '')
  tags.set(name, id)
  if (before !== undefined && knowsByName(world)) dropDigests(world, before, name)
}

function knowsByName({ profile }: World): boolean {
  return profile.store === 'manifest' || profile.family === 'podman'
}

/** Forgets the digests of a repository of which the image has no tag any more. */
export function dropDigests(world: World, image: StoredImage, name: string): string[] {
  const repository = repositoryName(parseReference(name))
  const left = tagsOf(world, image.id).some((tag) => repositoryName(parseReference(tag)) === repository)
  if (left) return []
  const gone = image.digests.filter((digest) => digest.startsWith(`${repository}@`))
  for (const digest of gone) image.digests.splice(image.digests.indexOf(digest), 1)
  return gone
}

function addDigest(image: StoredImage, digest: string): void {
  if (!image.digests.includes(digest)) image.digests.push(digest)
}

/** Gives an image one more name. */
export function tagImage(world: World, ref: Reference, image: StoredImage): void {
  const name = formatReference(ref)
  moveTag(world, name, image.id)
  image.tagged = now(world)
  if (world.profile.store === 'manifest') addDigest(image, `${repositoryName(ref)}@${image.target.digest}`)
  emit(world, 'image', 'tag', image.id, { name: shown(world, name) })
}

/** Normalised tags of an image. */
export function tagsOf(world: World, id: string): string[] {
  return [...world.state.tags].filter(([, image]) => image === id).map(([tag]) => tag)
}

/** A normalised reference as this engine shows it: dockerd leaves out what is the default, podman does not. */
export function shown(world: World, name: string): string {
  return world.profile.family === 'podman' ? name : familiarReference(parseReference(name))
}

/** By id, reference, digest reference or prefix of the id. */
export function findImage(world: World, name: string): StoredImage | undefined {
  const { images, tags } = world.state
  const byId = images.get(name) ?? images.get(`sha256:${name}`)
  if (byId !== undefined) return byId
  const ref = tryParse(name)
  if (ref !== undefined) {
    const found =
      ref.digest === undefined
        ? images.get(tags.get(formatReference(ref)) ?? '')
        : [...images.values()].find(({ digests }) => digests.includes(`${repositoryName(ref)}@${ref.digest}`))
    if (found !== undefined) return found
  }
  const prefix = name.replace(/^sha256:/, '')
  if (!/^[0-9a-f]+$/.test(prefix)) return undefined
  return [...images.values()].find(({ id }) => id.startsWith(`sha256:${prefix}`))
}

/** The image, or the engine's words for a bad or unknown name. */
export function needImage(world: World, name: string, use: 'inspect' | 'tag' | 'create' = 'inspect'): StoredImage {
  const { words } = world.profile
  const found = findImage(world, name)
  if (found !== undefined) return found
  if (tryParse(name) === undefined && !/^(?:sha256:)?[0-9a-f]{1,64}$/.test(name))
    refuse(words.badReference(name, badRule(name), use))
  if (use === 'create') return refuse(words.noImageToCreate(name))
  if (use === 'inspect') return refuse(words.noImage(name))
  return refuse(words.noImageToTag(world.profile.family === 'podman' || /:[^/]*$/.test(name) ? name : `${name}:latest`))
}

export function badRule(name: string): 'case' | 'format' {
  return /[A-Z]/.test(name) && /^[\w./:-]+$/.test(name) && !name.includes('..') ? 'case' : 'format'
}

export function tryParse(name: string): Reference | undefined {
  try {
    return parseReference(name)
  } catch {
    return undefined
  }
}
