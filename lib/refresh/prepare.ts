import { RefreshError, isNotFound } from '../base/errors.ts'
import type { ImageInspect } from '../engine/schema/images.ts'
import { isPodman, see, type RefreshEngine, type Seen } from './container.ts'
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
  const [oldImage, newImage, apiVersion, volumesFrom] = await Promise.all([
    image(
      engine,
      old,
      old.view.Image,
      'the image it was made from is gone, so its defaults cannot be told from what was set on it',
    ),
    image(engine, old, newImageId, 'the new image is gone'),
    engine.apiVersion(),
    lenders(engine, old),
  ])
  return {
    plan: successor({ old, oldImage, newImage, apiVersion, volumesFrom: volumesFrom.map(({ raw }) => raw), moved }),
    newImage,
  }
}

async function image(engine: RefreshEngine, old: Seen, id: string, missing: string): Promise<ImageInspect> {
  try {
    const inspected = await engine.images.inspect(id)
    if (!isPodman(old.raw) || inspected.Config.Healthcheck !== undefined) return inspected
    return {
      ...inspected,
      Config: { ...inspected.Config, Healthcheck: await engine.images.podmanHealthcheck(id) },
    }
  } catch (cause) {
    throw isNotFound(cause) ? new RefreshError('UNSUPPORTED', missing, { cause }) : cause
  }
}

async function lenders(engine: RefreshEngine, old: Seen): Promise<Seen[]> {
  const names = Array.isArray(old.view.HostConfig.VolumesFrom) ? old.view.HostConfig.VolumesFrom : []
  const found = await Promise.all(names.map((source) => see(engine, source.split(':')[0] as string)))
  return found.filter((seen) => seen !== undefined)
}
