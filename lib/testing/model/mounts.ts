import { isObject, textAt, type JsonObject } from '../../base/json.ts'
import { needContainer, type MountPoint } from './container.ts'
import { textsAt } from './fields.ts'
import { refuse } from './refusal.ts'
import { mountpoint, volumeFor } from './volumes.ts'
import type { World } from './world.ts'

/** The mounts of a new container: binds, mounts, other containers' volumes, and anonymous volumes for what is left. */
export function mountsOf(world: World, config: JsonObject, hostConfig: JsonObject): MountPoint[] {
  const byPath = new Map<string, MountPoint>()
  const add = (mount: MountPoint): void => {
    if (byPath.has(mount.Destination) && world.profile.family === 'docker')
      refuse(world.profile.words.duplicateMount(mount.Destination))
    byPath.set(mount.Destination, mount)
  }
  for (const bind of textsAt(hostConfig, 'Binds')) add(bindMount(world, bind))
  const mounts = hostConfig['Mounts']
  for (const mount of Array.isArray(mounts) ? mounts.filter(isObject) : []) add(specMount(world, mount))
  for (const from of textsAt(hostConfig, 'VolumesFrom')) {
    const [name = '', mode] = from.split(':')
    for (const mount of needContainer(world, name).mounts) {
      if (!byPath.has(mount.Destination))
        byPath.set(mount.Destination, { ...mount, RW: mode === 'ro' ? false : mount.RW })
    }
  }
  const tmpfs = isObject(hostConfig['Tmpfs']) ? hostConfig['Tmpfs'] : {}
  for (const path of Object.keys(isObject(config['Volumes']) ? config['Volumes'] : {}))
    if (!byPath.has(path) && !Object.hasOwn(tmpfs, path)) add(volumeMount(world, undefined, path, '', true))
  return [...byPath.values()]
}

// `source:path[:options]`; a source that is no path is a volume's name.
function bindMount(world: World, bind: string): MountPoint {
  const [source = '', path = '', options = ''] = bind.split(':')
  const writable = !options.split(',').includes('ro')
  if (source.startsWith('/')) return hostMount(world, source, path, options, writable)
  if (source.includes('/')) refuse(world.profile.words.badBindSource(source))
  return volumeMount(world, source, path, world.profile.family === 'podman' ? '' : options || 'z', writable)
}

function specMount(world: World, mount: JsonObject): MountPoint {
  const writable = mount['ReadOnly'] !== true
  const path = textAt(mount, 'Target')
  const source = textAt(mount, 'Source')
  if (textAt(mount, 'Type') === 'bind') return hostMount(world, source, path, '', writable)
  if (textAt(mount, 'Type') === 'tmpfs')
    return { Type: 'tmpfs', Source: '', Destination: path, Mode: '', RW: true, Propagation: '' }
  return volumeMount(
    world,
    source === '' ? undefined : source,
    path,
    world.profile.family === 'podman' ? '' : 'z',
    writable,
  )
}

function hostMount({ profile }: World, source: string, path: string, mode: string, writable: boolean): MountPoint {
  const Mode = profile.family === 'podman' ? '' : mode
  return { Type: 'bind', Source: source, Destination: path, Mode, RW: writable, Propagation: 'rprivate' }
}

function volumeMount(
  world: World,
  name: string | undefined,
  path: string,
  mode: string,
  writable: boolean,
): MountPoint {
  const volume = volumeFor(world, name)
  return {
    Type: 'volume',
    Name: volume.name,
    Source: mountpoint(world, volume.name),
    Destination: path,
    Driver: volume.driver,
    Mode: mode,
    RW: writable,
    Propagation: world.profile.family === 'podman' ? 'rprivate' : '',
  }
}
