// The containers of an image that is to be removed.
import { ApiError, isNotFound } from '../base/errors.ts'
import type { CallOptions, Wire } from '../wire/call.ts'
import { imageName } from '../wire/path.ts'
import { containerSummaries } from './schema/containers.ts'
import { imageInspect } from './schema/images.ts'

/**
 * Refuses a forced removal on podman while containers of the image run: podman 4 removes them with it, where dockerd only
 * takes the name away.
 *
 * @throws ApiError `CONFLICT` with their names
 */
export async function refuseRunning(wire: Wire, name: string, call: CallOptions | undefined): Promise<void> {
  const path = `/images/${imageName(name)}`
  if (!(await wire.isPodman(call))) return
  const image = await wire
    .json({ method: 'GET', path: `${path}/json`, call }, imageInspect)
    .catch((error: unknown) => (isNotFound(error) ? undefined : Promise.reject(error)))
  if (image === undefined) return
  // Of an image with another tag only the name is taken away.
  if (image.RepoTags.length > 1 && !image.Id.replace('sha256:', '').startsWith(name.replace('sha256:', ''))) return
  // podman 4 knows an ancestor by the digits of its id alone.
  const ancestor = [image.Id, image.Id.replace('sha256:', '')]
  const filters = { ancestor, status: ['running', 'paused'] }
  const running = await wire.json(
    { method: 'GET', path: '/containers/json', query: { all: true, filters }, call },
    containerSummaries,
  )
  if (running.length === 0) return
  const names = running.map(({ Id, Names }) => Names[0]?.replace(/^\//, '') ?? Id.slice(0, 12)).join(', ')
  throw new ApiError(
    'CONFLICT',
    `${name} is not removed: ${names} of it run, and podman would remove them too. Stop them, or leave "force" out.`,
    { method: 'DELETE', path, facts: { containers: names } },
  )
}
