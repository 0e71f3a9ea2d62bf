import type { Candidate } from './candidates.ts'
import type { RefreshEngine } from './container.ts'
import { manifestOf } from './local.ts'
import type { Wanted } from './plan.ts'

/**
 * What the containers of an image are to run. With the containerd store an image's id is its index's digest, which
 * changes when the index is pushed again, for instance with new attestations; so there the manifests of the platforms
 * are compared, and a container whose manifest is still in the index is current.
 */
export async function wantedContent(
  engine: RefreshEngine,
  imageId: string,
  candidates: readonly Candidate[],
): Promise<Wanted> {
  const differing = candidates.filter(
    (candidate) => candidate.seen.view.Image !== imageId && manifestOf(candidate) !== '',
  )
  if (differing.length === 0) return { imageId, sameContent: () => false }
  const { Manifests = [] } = await engine.images.inspect(imageId, { manifests: true })
  const digests = new Set(Manifests.filter(({ Kind }) => Kind === 'image').map(({ Descriptor }) => Descriptor.digest))
  return { imageId, sameContent: (candidate) => digests.has(manifestOf(candidate)) }
}
