import { objectAt, textAt } from '../base/json.ts'
import { isNotFound, messageOf, printable } from '../base/errors.ts'
import type { ContainerChange } from '../engine/schema/containers.ts'
import type { RefreshEngine, Seen } from './container.ts'
import { bindDestinations, clean, mountsOf } from './successor/volumes.ts'

const MODIFIED = 0
const DELETED = 2

// What an engine makes in every container: docker's files, podman's, and where it mounts.
const FILES = ['/.dockerenv', '/etc/hosts', '/etc/hostname', '/etc/resolv.conf', '/etc/mtab', '/run/.containerenv']
const INITS = ['/dev/init', '/sbin/docker-init', '/run/podman-init']
const FOLDERS = ['/dev', '/proc', '/sys', '/run/secrets']

/**
 * The paths that were written, or deleted, in the writable layer of a container: what its successor would not have. Not
 * those of mounts, nor what the engine makes, nor folders of which only what is in them changed.
 */
export function writtenPaths(changes: readonly ContainerChange[], seen: Seen): ContainerChange[] {
  const mounted = mountPoints(seen)
  const made = [...mounted, ...FILES, ...INITS, ...FOLDERS]
  const parents = new Set(changes.flatMap(({ Path }) => ancestors(Path)))
  const aboveMade = new Set(made.flatMap(ancestors))
  return changes.filter(({ Path, Kind }) => {
    const path = clean(Path)
    if (made.includes(path) || [...mounted, ...FOLDERS].some((folder) => path.startsWith(`${folder}/`))) return false
    return Kind === DELETED || !(parents.has(path) || aboveMade.has(path))
  })
}

/** Why a container must not be replaced when its changes are to be kept, or `undefined`. */
export async function changesRefusal(engine: RefreshEngine, seen: Seen): Promise<string | undefined> {
  try {
    const written: string[] = []
    for (const { Path, Kind } of writtenPaths(await engine.containers.changes(seen.id), seen)) {
      // The engine makes the working directory where the image has none, and the successor's likewise.
      const mayBeMade = Kind === MODIFIED || (Kind !== DELETED && clean(Path) === workingDirOf(seen))
      if (!mayBeMade || !(await isFolder(engine, seen.id, Path))) written.push(Path)
    }
    return written.length === 0 ? undefined : reasonFor(written.toSorted())
  } catch (error) {
    return `--keep-changes: what was written in it cannot be told: ${messageOf(error, 300)}`
  }
}

// One in which a file was made and deleted again counts as modified, and nothing of it is lost.
async function isFolder({ containers }: RefreshEngine, id: string, path: string): Promise<boolean> {
  try {
    return (await containers.archiveInfo(id, { path })).mode >= 2 ** 31
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

function reasonFor(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).map((path) => printable(path, 200))
  const what =
    paths.length === 1 ? '1 path outside of its mounts was' : `${paths.length} paths outside of its mounts were`
  const more = paths.length > shown.length ? ', …' : ''
  return `${what} changed and would be lost (${shown.join(', ')}${more}): put them in a volume, or leave --keep-changes out`
}

function workingDirOf({ raw }: Seen): string {
  const folder = textAt(objectAt(raw, 'Config'), 'WorkingDir')
  return folder === '' ? '/' : clean(folder)
}

function mountPoints({ raw }: Seen): string[] {
  const hostConfig = objectAt(raw, 'HostConfig')
  return [
    ...mountsOf(raw).map((mount) => clean(textAt(mount, 'Destination'))),
    ...bindDestinations(hostConfig),
    ...Object.keys(objectAt(hostConfig, 'Tmpfs')).map(clean), // not among the Mounts of an inspect
  ]
}

function ancestors(path: string): string[] {
  const parts = clean(path).split('/').slice(1, -1)
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`)
}
