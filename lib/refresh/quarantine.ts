import { isNotFound } from '../base/errors.ts'
import type { RefreshEngine } from './container.ts'

/** Images under this name have failed; the engine keeps the list, so that every dockline on it knows. */
export const QUARANTINE = 'dockline-quarantine'

/** The name that marks an image as failed. */
export function quarantineName(imageId: string): string {
  return `${QUARANTINE}:${imageId.replace(/^sha\d+:/, '').slice(0, 32)}`
}

/** True when a container of this image was rolled back: it is not tried again until the tag moves to another. */
export async function isQuarantined({ images }: Pick<RefreshEngine, 'images'>, imageId: string): Promise<boolean> {
  try {
    return (await images.inspect(quarantineName(imageId))).Id === imageId
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

/** Marks an image as failed. */
export async function quarantine({ images }: Pick<RefreshEngine, 'images'>, imageId: string): Promise<void> {
  const [repo, tag] = quarantineName(imageId).split(':') as [string, string]
  await images.tag(imageId, { repo, tag })
}

/** Takes the mark away; the image itself stays as long as it has another name or a container. */
export async function release({ images }: Pick<RefreshEngine, 'images'>, imageId: string): Promise<void> {
  if (await isQuarantined({ images }, imageId)) await images.remove(quarantineName(imageId), { noprune: true })
}
