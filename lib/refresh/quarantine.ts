// Images that failed, marked on the engine itself by one more name, so that every dockline on it knows.
import { createHash } from 'node:crypto'

import { isNotFound } from '../base/errors.ts'
import { formatReference, type Reference } from '../base/reference.ts'
import type { ImageInspect } from '../engine/schema/images.ts'
import type { RefreshEngine } from './container.ts'
import { digestsOf } from './image-digests.ts'

/** Repository of the marks. */
export const QUARANTINE = 'dockline-quarantine'

type MarkedImage = Pick<ImageInspect, 'Id' | 'RepoTags' | 'RepoDigests'>
type Engine = Pick<RefreshEngine, 'images'>

/** What the marks of an image say of it under one reference. */
export interface Quarantine {
  /** The image failed: no container is moved to it until the tag moves. */
  readonly ofImage: boolean
  /** The container of this name failed with the image, although others did not. */
  of(container: string): boolean
}

/**
 * The name that marks an image as failed: `dockline-quarantine:REFERENCE-DIGEST`, both as the begin of a hash, followed by
 * `-CONTAINER` where the failure was of one container alone.
 */
export function quarantineName(ref: Reference, digest: string, container?: string): string {
  return `${QUARANTINE}:${markOf(ref, digest, container)}`
}

function markOf(ref: Reference, digest: string, container: string | undefined): string {
  const mark = `${hash(formatReference(ref))}-${shortHex(digest)}`
  return container === undefined ? mark : `${mark}-${hash(container)}`
}

/** The name by which earlier versions marked an image: by its id alone, whatever the reference. Read, and no longer made. */
export function oldQuarantineName(imageId: string): string {
  return `${QUARANTINE}:${shortHex(imageId)}`
}

/** True for the name of a mark, as an engine writes it. */
export function isQuarantineName(tag: string): boolean {
  return tag.includes(`${QUARANTINE}:`)
}

/** True for a mark of any image and container of this reference. */
export function isQuarantineOf(tag: string, ref: Reference): boolean {
  return isQuarantineName(tag) && tag.slice(tag.lastIndexOf(':') + 1).startsWith(`${hash(formatReference(ref))}-`)
}

/**
 * Reads the marks that an image has among its names. It is marked for this reference and the digest that it has there:
 * another repository that has the same image, and another tag, are not concerned.
 */
export function quarantineOf(image: MarkedImage | undefined, ref: Reference): Quarantine {
  const marks = new Set(
    (image?.RepoTags ?? []).filter(isQuarantineName).map((tag) => tag.slice(tag.lastIndexOf(':') + 1)),
  )
  if (image === undefined || marks.size === 0) return { ofImage: false, of: () => false }
  const digests = [...digestsOf(image, ref), image.Id]
  const isMarked = (container?: string): boolean => digests.some((digest) => marks.has(markOf(ref, digest, container)))
  return { ofImage: isMarked() || marks.has(shortHex(image.Id)), of: isMarked }
}

/** Marks an image as failed under a reference, or as failed for one container alone. */
export async function quarantine(
  { images }: Engine,
  imageId: string,
  ref: Reference,
  container?: string,
): Promise<void> {
  const image = await images.inspect(imageId)
  const [digest = image.Id] = digestsOf(image, ref)
  await images.tag(imageId, { repo: QUARANTINE, tag: markOf(ref, digest, container) })
}

/** Takes the mark of an image, or of one container, away; the image stays as long as it has another name or a container. */
export async function release(engine: Engine, imageId: string, ref: Reference, container?: string): Promise<void> {
  const image = await engine.images.inspect(imageId)
  const digests = [...digestsOf(image, ref), image.Id]
  const names = digests.map((digest) => quarantineName(ref, digest, container))
  if (container === undefined) names.push(oldQuarantineName(image.Id))
  for (const name of names) {
    const mark = name.slice(QUARANTINE.length)
    if (image.RepoTags.some((tag) => isQuarantineName(tag) && tag.endsWith(mark))) await untag(engine, name)
  }
}

async function untag({ images }: Engine, name: string): Promise<void> {
  try {
    await images.remove(name, { noprune: true })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function shortHex(digest: string): string {
  return digest.replace(/^sha\d+:/, '').slice(0, 32)
}
