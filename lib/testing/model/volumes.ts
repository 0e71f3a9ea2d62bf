import { isObject, textAt, type JsonObject } from '../../base/json.ts'
import type { Container } from './container.ts'
import { emit } from './events.ts'
import { refuse } from './refusal.ts'
import type { ModelVolume } from './state.ts'
import { goSeconds, newId, now, type World } from './world.ts'

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/

/** `POST /volumes/create`: gives the one that is there already. */
export function createVolume(world: World, body: JsonObject): ModelVolume {
  const wanted = textAt(body, 'Name')
  const known = world.state.volumes.get(wanted)
  if (known !== undefined) return known
  if (wanted !== '' && !NAME.test(wanted)) refuse(world.profile.words.badVolumeName(wanted))
  const driver = textAt(body, 'Driver')
  if (driver !== '' && driver !== 'local' && world.profile.family === 'docker')
    refuse([404, `create ${wanted}: error looking up volume plugin ${driver}: plugin "${driver}" not found`])
  const labels = isObject(body['Labels']) ? body['Labels'] : null
  // dockerd marks what nobody named from 23 on, so that `volume prune` finds it.
  const marked = wanted === '' && world.profile.marksAnonymous
  return addVolume(world, {
    name: wanted === '' ? newId(world, 'volume') : wanted,
    driver: textAt(body, 'Driver') || 'local',
    created: now(world),
    labels: marked ? { 'com.docker.volume.anonymous': '', ...labels } : labels,
    options: isObject(body['DriverOpts']) ? body['DriverOpts'] : null,
    anonymous: wanted === '',
    files: new Map(),
  })
}

/** The volume of a mount: made when it is not there. */
export function volumeFor(world: World, name: string | undefined): ModelVolume {
  return createVolume(world, name === undefined ? {} : { Name: name })
}

function addVolume(world: World, volume: ModelVolume): ModelVolume {
  world.state.volumes.set(volume.name, volume)
  emit(world, 'volume', 'create', volume.name, { driver: volume.driver })
  return volume
}

/** `DELETE /volumes/{name}` */
export function removeVolume(world: World, name: string): void {
  const { words } = world.profile
  if (!world.state.volumes.has(name)) refuse(words.noVolume(name))
  const users = usersOf(world, name)
  if (users.length > 0)
    refuse(
      words.volumeUsed(
        name,
        users.map(({ id }) => id),
      ),
    )
  world.state.volumes.delete(name)
  emit(world, 'volume', 'destroy', name, { driver: 'local' })
}

/** Removes the anonymous volumes of a container that is gone, unless another one uses them. */
export function removeAnonymous(world: World, container: Container): void {
  for (const { Type, Name } of container.mounts) {
    if (Type !== 'volume' || Name === undefined) continue
    if (!isAnonymousIn(container, Name) || usersOf(world, Name).length > 0) continue
    if (world.state.volumes.delete(Name)) emit(world, 'volume', 'destroy', Name, { driver: 'local' })
  }
}

// What a bind or mount names is not anonymous, whoever made the volume: carried over, it outlives `rm -v`.
function isAnonymousIn({ hostConfig }: Container, name: string): boolean {
  const binds = Array.isArray(hostConfig['Binds']) ? hostConfig['Binds'] : []
  const mounts = Array.isArray(hostConfig['Mounts']) ? hostConfig['Mounts'] : []
  return !(
    binds.some((bind) => typeof bind === 'string' && bind.startsWith(`${name}:`)) ||
    mounts.some((mount) => isObject(mount) && mount['Source'] === name)
  )
}

export function usersOf(world: World, name: string): Container[] {
  return [...world.state.containers.values()].filter(({ mounts }) => mounts.some((mount) => mount.Name === name))
}

export function mountpoint({ profile }: World, name: string): string {
  return `${profile.root}/volumes/${name}/_data`
}

export function volumeJson(world: World, { name, driver, created, labels, options }: ModelVolume): JsonObject {
  return {
    CreatedAt: goSeconds(created),
    Driver: driver,
    Labels: labels,
    Mountpoint: mountpoint(world, name),
    Name: name,
    Options: options,
    Scope: 'local',
  }
}
