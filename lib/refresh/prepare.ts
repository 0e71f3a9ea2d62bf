import { RefreshError, hasCode, isNotFound } from '../base/errors.ts'
import type { ImageInspect } from '../engine/schema/images.ts'
import { see, type RefreshEngine, type Seen } from './container.ts'
import { isOfPodman } from './successor/podman.ts'
import { successor, type Successor } from './successor/successor.ts'

/** All that must be known before the first container is made. */
export interface Prepared {
  readonly plan: Successor
  readonly newImage: ImageInspect
}

/**
 * Reads both images and the containers that lend their volumes, and plans the successor. Touches nothing.
 *
 * @param moved old id or name → new id or name, of containers that move in the same operation
 */
export async function prepare(
  engine: RefreshEngine,
  old: Seen,
  newImageId: string,
  moved: ReadonlyMap<string, string>,
): Promise<Prepared> {
  const podman = isOfPodman(old.raw)
  const [oldImage, newImage, apiVersion, volumesFrom] = await Promise.all([
    image(
      engine,
      { id: old.view.Image, podman },
      'the image it was made from is gone, so its defaults cannot be told from what was set on it',
    ),
    image(engine, { id: newImageId, podman }, 'the new image is gone'),
    engine.apiVersion(),
    lenders(engine, old),
  ])
  return {
    plan: successor({ old, oldImage, newImage, apiVersion, volumesFrom: volumesFrom.map(({ raw }) => raw), moved }),
    newImage,
  }
}

async function image(
  { images }: RefreshEngine,
  { id, podman }: { readonly id: string; readonly podman: boolean },
  missing: string,
): Promise<ImageInspect> {
  try {
    const inspect = await images.inspect(id)
    // A proxy before the socket may not let this one through: then the container's check is taken for the user's.
    const Healthcheck = podman ? await images.libpodHealthcheck(id).catch(absentAsUndefined) : undefined
    return podman ? { ...inspect, Config: { ...inspect.Config, Healthcheck } } : inspect
  } catch (cause) {
    throw isNotFound(cause) ? new RefreshError('UNSUPPORTED', missing, { cause }) : cause
  }
}

async function lenders(engine: RefreshEngine, old: Seen): Promise<Seen[]> {
  const names = Array.isArray(old.view.HostConfig.VolumesFrom) ? old.view.HostConfig.VolumesFrom : []
  const found = await Promise.all(names.map((source) => see(engine, source.split(':')[0] as string)))
  return found.filter((seen) => seen !== undefined)
}

function absentAsUndefined(error: unknown): undefined {
  if (!hasCode(error, 'NOT_FOUND', 'FORBIDDEN')) throw error
}
