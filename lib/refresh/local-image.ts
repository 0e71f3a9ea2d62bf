// Images that were built or loaded on the engine itself, and so may be unknown to every registry.
import type { ErrorCode } from '../base/errors.ts'
import { formatReference, type Reference } from '../base/reference.ts'
import type { ImageInspect } from '../engine/schema/images.ts'
import type { Candidate } from './candidates.ts'
import { digestsOf } from './image-digests.ts'
import type { ImageReport } from './report.ts'
import type { Target } from './target.ts'

type HereImage = Pick<ImageInspect, 'Id' | 'RepoDigests'>

/**
 * True when the image that a reference names on the engine stands in for one that a registry does not give: it is unknown
 * there, or the registry is unreachable, and it came from no registry, or its tag has moved on since a container was made.
 */
export function standsIn(
  image: HereImage | undefined,
  ref: Reference,
  code: ErrorCode,
  users: readonly Candidate[],
): image is HereImage {
  if (image === undefined) return false
  if (isOfEngine(image, ref, code)) return true
  const isUnanswered = code === 'NOT_FOUND' || code === 'REGISTRY_UNAVAILABLE'
  return isUnanswered && users.some(({ seen }) => seen.view.Image !== image.Id)
}

// Without a digest of its repository it never came from there: dockerd's own store tells so. The containerd store and podman
// give a built image one as well; there only a name tells that nobody pushes to, or that Hub hides behind a login.
function isOfEngine(image: HereImage, ref: Reference, code: ErrorCode): boolean {
  if (code !== 'NOT_FOUND' && code !== 'REGISTRY_UNAVAILABLE' && code !== 'CREDENTIALS_MISSING') return false
  if (digestsOf(image, ref).length === 0 || ref.registry === 'localhost') return true
  return code === 'CREDENTIALS_MISSING' && ref.registry === 'docker.io' && ref.repository.startsWith('library/')
}

/** The containers among these that were made from a reference. */
export function usersOf(candidates: readonly Candidate[], ref: Reference): Candidate[] {
  const name = formatReference(ref)
  return candidates.filter((candidate) => candidate.ref !== undefined && formatReference(candidate.ref) === name)
}

/** The line of an image that was not pulled: what its reference names on the engine counts. */
export function localReport({ ref, label }: Target, id: string, warning?: string): ImageReport {
  const about = { ref: formatReference(ref), target: label, before: id, after: id, digest: null, bytes: 0 }
  return { ...about, outcome: 'local', ...(warning === undefined ? {} : { warning }) }
}

/** The line of an image that is not to be pulled and not there. */
export function absentReport({ ref, label }: Target): ImageReport {
  const name = formatReference(ref)
  const about = { ref: name, target: label, before: null, after: null, digest: null, bytes: 0 }
  const message = `${name} is not on the engine, and nothing is to be pulled: build or load it, or leave out --no-pull`
  return { ...about, outcome: 'failed', error: { code: 'NOT_FOUND', message } }
}
