import { WorkspaceError } from '../../base/errors.ts'
import { INSTANCE_LABEL, MANAGED_LABEL } from '../labels.ts'
import type { DockerContext } from './context.ts'

const HELPER_PATH = '/vol'
const HELPER_LABEL = 'molecule.platform.helper'

/** A container through which a volume can be read and written. */
export interface VolumeAccess {
  readonly container: string
  /** Where the volume is in it. */
  readonly path: string
}

/**
 * Gives access to a volume by a container that is made for it and never started: files pass as archives, so neither a
 * shell nor any program of its image is needed, and any image on the engine will do.
 *
 * @throws WorkspaceError `NOT_FOUND` when the engine has no image at all
 */
export async function withHelper<T>(
  context: DockerContext,
  volume: string,
  use: (access: VolumeAccess) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { containers } = context.engine
  const { Id } = await containers.create(
    {
      Image: await anyImage(context, signal),
      Cmd: ['none'],
      Labels: { [MANAGED_LABEL]: 'true', [INSTANCE_LABEL]: context.settings.instance, [HELPER_LABEL]: volume },
      HostConfig: {
        NetworkMode: 'none',
        Mounts: [{ Type: 'volume', Source: volume, Target: HELPER_PATH, VolumeOptions: { NoCopy: true } }],
      },
    },
    {},
    { signal },
  )
  try {
    return await use({ container: Id, path: HELPER_PATH })
  } finally {
    // Not by the caller's signal: an abort leaves no helper behind.
    await containers.remove(Id, { force: true }).catch((error: unknown) => {
      context.log.warn('a helper container is left', { container: Id, error: String(error) })
    })
  }
}

async function anyImage({ engine }: DockerContext, signal: AbortSignal | undefined): Promise<string> {
  const [image] = await engine.images.list({}, { signal })
  if (image !== undefined) return image.Id
  throw new WorkspaceError('NOT_FOUND', 'the engine has no image to make a helper container from: pull one')
}
