import { parseReference, repositoryName, type Reference } from '../base/reference.ts'
import type { ImageInspect } from '../engine/schema/images.ts'

/**
 * The digests under which the repository of a reference knows an image. With the containerd store, and on podman, an image
 * that lost its last tag there has none any more.
 */
export function digestsOf(image: Pick<ImageInspect, 'RepoDigests'> | undefined, ref: Reference): string[] {
  return (image?.RepoDigests ?? []).flatMap((text) => {
    const at = text.lastIndexOf('@')
    return at > 0 && repositoryOf(text) === repositoryName(ref) ? [text.slice(at + 1)] : []
  })
}

/** Registry and repository of a reference as an engine writes it, `undefined` for `<none>@<none>` of old engines. */
export function repositoryOf(text: string): string | undefined {
  try {
    return repositoryName(parseReference(text))
  } catch {
    return undefined
  }
}
