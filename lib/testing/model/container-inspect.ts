import type { JsonObject } from '../../base/json.ts'
import { atLeast } from '../../wire/version.ts'
import { networkSettings } from './container-networks.ts'
import type { Container } from './container.ts'
import { isSlim, type Profile } from './profile.ts'
import { healthJson } from './health.ts'
import { podmanView } from './podman-view.ts'
import { argvOf } from './process.ts'
import { goTime, type World } from './world.ts'

/** `GET /containers/{id}/json`, as the engine of this profile shows it at this API version. */
export function containerInspect(world: World, container: Container, version: string, sized = false): JsonObject {
  const { profile } = world
  const { id, config } = container
  const [path = '', ...args] = argvOf(container)
  const launched = container.run > 0
  const slim = isSlim(profile, version)
  const folder = launched ? `${profile.root}/containers/${id}` : ''
  const inspect: JsonObject = {
    Id: id,
    Created: goTime(container.created),
    Path: path,
    Args: args,
    State: stateJson(world, container),
    Image: container.image,
    ResolvConfPath: launched ? `${folder}/resolv.conf` : '',
    HostnamePath: launched ? `${folder}/hostname` : '',
    HostsPath: launched ? `${folder}/hosts` : '',
    LogPath: launched ? `${folder}/${id}-json.log` : '',
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: profile.driver,
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: execIds(world, container),
    HostConfig: container.hostConfig,
    ...storageJson(world, id, slim),
    ...(sized ? sizesOf(world, container) : {}),
    Mounts: container.mounts.map((mount) => ({ ...mount })),
    Config: shownConfig(profile, config, slim),
    NetworkSettings: networkSettings(world, container, version),
  }
  if (profile.store === 'manifest' && atLeast(version, '1.48')) {
    const descriptor = manifestDescriptor(world, container)
    if (descriptor !== undefined) inspect['ImageManifestDescriptor'] = descriptor
  }
  return profile.family === 'podman' ? podmanView(world, container, inspect, version) : inspect
}

/** Bytes of the writable layer, and of all layers. */
export function sizesOf(world: World, { files, image }: Container): { SizeRw?: number; SizeRootFs: number } {
  const SizeRw = [...files.values()].reduce((sum, data) => sum + data.length, 0)
  const layers = world.state.images.get(image)?.layers ?? []
  const SizeRootFs = layers.reduce((sum, { unpacked }) => sum + unpacked, SizeRw)
  return { SizeRw, SizeRootFs }
}

// A configured MAC address is told below API 1.52 only.
function shownConfig({ lean }: Profile, config: JsonObject, slim: boolean): JsonObject {
  if (!lean) return config
  const { OnBuild, MacAddress, ...shown } = config
  return {
    ...shown,
    ...(OnBuild === undefined || OnBuild === null ? {} : { OnBuild }),
    ...(slim || MacAddress === undefined ? {} : { MacAddress }),
  }
}

function storageJson(world: World, id: string, slim: boolean): JsonObject {
  const { profile } = world
  if (profile.store === 'config') return { GraphDriver: { Data: layerPaths(world, id), Name: profile.driver } }
  return slim
    ? { Storage: { RootFS: { Snapshot: { Name: profile.driver } } } }
    : { GraphDriver: { Data: null, Name: profile.driver } }
}

export function manifestDescriptor(world: World, { image }: Container): JsonObject | undefined {
  const stored = world.state.images.get(image)
  return stored === undefined ? undefined : { ...stored.manifest, platform: { ...stored.platform } }
}

function stateJson({ profile }: World, container: Container): JsonObject {
  const { status } = container
  const stop = container.isStopping ? profile.showsStop : 'nothing'
  const health = healthJson(profile, container)
  return {
    Status: stop === 'stopping' ? stop : status,
    Running: stop === 'nothing' && (status === 'running' || status === 'paused' || status === 'restarting'),
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: false,
    Dead: status === 'dead',
    Pid: container.pid,
    ExitCode: container.exitCode,
    Error: profile.tellsError ? container.error : '',
    StartedAt: goTime(container.startedAt),
    FinishedAt: goTime(container.finishedAt),
    ...(health === undefined ? {} : { Health: health }),
  }
}

function execIds(world: World, { id }: Container): string[] | null {
  const ids = [...world.state.execs.values()]
    .filter((exec) => exec.container === id && exec.state !== 'exited')
    .map((exec) => exec.id)
  return ids.length === 0 ? null : ids
}

function layerPaths({ profile }: World, id: string): JsonObject {
  const folder = `${profile.root}/${profile.driver}/${id}`
  return {
    ...(profile.layerId ? { ID: id } : {}),
    LowerDir: `${folder}-init/diff`,
    MergedDir: `${folder}/merged`,
    UpperDir: `${folder}/diff`,
    WorkDir: `${folder}/work`,
  }
}
