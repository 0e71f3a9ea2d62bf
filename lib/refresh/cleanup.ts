import { isConflict, isNotFound } from '../base/errors.ts'
import { repositoryName, type Reference } from '../base/reference.ts'
import type { ImageSummary } from '../engine/schema/images.ts'
import { listAll, type RefreshEngine } from './container.ts'
import { digestsOf } from './image-digests.ts'
import { readImages } from './marks.ts'
import { isQuarantineName, isQuarantineOf } from './quarantine.ts'
import type { Target } from './target.ts'

/** An image that was removed. */
export interface CleanedImage {
  readonly id: string
  /** Bytes that it took, layers shared with others included. */
  readonly bytes: number
}

/**
 * Removes old images of the targets' repositories: those that lost their tag to a newer one and that no container of any
 * state uses. The newest `keep` of each repository stay, to go back to. Never by force.
 *
 * dockerd's own store still knows an image without a tag by the digest of its repository. The containerd store and podman
 * do not: there it is known by what was replaced, now and by the marks of the containers before, or by its quarantine.
 *
 * @param replaced images that lost a container or their tag in this refresh: `repository@id`
 */
export async function cleanUp(
  engine: RefreshEngine,
  targets: readonly Target[],
  keep: number,
  replaced: readonly string[] = [],
): Promise<CleanedImage[]> {
  const [images, containers] = await Promise.all([engine.images.list(), listAll(engine)])
  const used = new Set(containers.map(({ ImageID }) => ImageID))
  const known = new Set([...replaced, ...containers.flatMap(({ Labels }) => readImages(Labels))])
  const repositories = new Set(targets.map(({ ref }) => repositoryName(ref)))
  const cleaned: CleanedImage[] = []
  for (const repository of repositories) {
    const refs = targets.flatMap(({ ref }) => (repositoryName(ref) === repository ? [ref] : []))
    const isOf = (image: ImageSummary): boolean =>
      known.has(`${repository}@${image.Id}`) || refs.some((ref) => isNamedOf(image, ref))
    const old = images
      .filter((image) => isLeft(image) && isOf(image) && !used.has(image.Id))
      .toSorted((a, b) => b.Created - a.Created)
    for (const image of old.slice(keep)) {
      if (await remove(engine, image)) cleaned.push({ id: image.Id, bytes: image.Size })
    }
  }
  return cleaned
}

function isLeft({ RepoTags }: ImageSummary): boolean {
  return RepoTags.every((tag) => tag === '<none>:<none>' || isQuarantineName(tag))
}

function isNamedOf(image: ImageSummary, ref: Reference): boolean {
  return digestsOf(image, ref).length > 0 || image.RepoTags.some((tag) => isQuarantineOf(tag, ref))
}

// By its mark where it has one: an engine refuses to remove by id what has a name.
async function remove({ images }: RefreshEngine, { Id, RepoTags }: ImageSummary): Promise<boolean> {
  try {
    for (const tag of RepoTags) if (tag !== '<none>:<none>') await images.remove(tag)
    await images.remove(Id)
    return true
  } catch (error) {
    if (isNotFound(error)) return true
    if (isConflict(error)) return false
    throw error
  }
}
