import { isConflict, isNotFound } from '../base/errors.ts'
import { parseReference, repositoryName } from '../base/reference.ts'
import type { ImageSummary } from '../engine/schema/images.ts'
import { listAll, type RefreshEngine } from './container.ts'
import { QUARANTINE } from './quarantine.ts'
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
 */
export async function cleanUp(
  engine: RefreshEngine,
  targets: readonly Target[],
  keep: number,
): Promise<CleanedImage[]> {
  const [images, containers] = await Promise.all([engine.images.list(), listAll(engine)])
  const used = new Set(containers.map(({ ImageID }) => ImageID))
  const repositories = new Set(targets.map(({ ref }) => repositoryName(ref)))
  const cleaned: CleanedImage[] = []
  for (const repository of repositories) {
    const old = images
      .filter((image) => isLeft(image) && isOf(image, repository) && !used.has(image.Id))
      .toSorted((a, b) => b.Created - a.Created)
    for (const image of old.slice(keep)) {
      if (await remove(engine, image)) cleaned.push({ id: image.Id, bytes: image.Size })
    }
  }
  return cleaned
}

function isLeft({ RepoTags }: ImageSummary): boolean {
  return RepoTags.every((tag) => tag === '<none>:<none>' || tag.includes(`${QUARANTINE}:`))
}

function isOf({ RepoDigests }: ImageSummary, repository: string): boolean {
  return RepoDigests.some((digest) => {
    try {
      return repositoryName(parseReference(digest)) === repository
    } catch {
      return false // "<none>@<none>" of old engines
    }
  })
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
