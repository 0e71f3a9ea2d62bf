import { isNotFound } from '../../base/errors.ts'
import { parseReference } from '../../base/reference.ts'
import { imageUnavailable } from '../image.ts'
import type { DockerContext } from './context.ts'

/**
 * Makes sure that the engine has an image, by the one way in which dockline pulls: with the credential of its registry,
 * the platform, and every error of the stream.
 *
 * @throws WorkspaceError that names image, runtime and cure
 */
export async function ensureImage(
  { engine, credentials, settings }: DockerContext,
  ref: string,
  platform: string | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const { registry, repository, digest } = parseReference(ref)
  const present = await isPresent(engine, ref, signal)
  // What a digest names never changes.
  if (present && (settings.pull !== 'always' || digest !== undefined)) return
  try {
    if (settings.pull === 'never') await engine.images.inspect(ref, {}, { signal })
    const { auth } = await credentials.resolve(registry, repository)
    const { pullTimeout } = settings
    await engine.images.pull(
      ref,
      { auth, platform },
      { signal, ...(pullTimeout === undefined ? {} : { timeout: pullTimeout }) },
    )
  } catch (error) {
    signal?.throwIfAborted()
    throw imageUnavailable(ref, error)
  }
}

async function isPresent(
  engine: DockerContext['engine'],
  ref: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await engine.images.inspect(ref, {}, { signal })
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}
