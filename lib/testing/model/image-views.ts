import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts'
import { atLeast } from '../../wire/version.ts'
import { ONLY_OF_CONTAINERS } from './container-config.ts'
import { isSlim } from './profile.ts'
import { goTime, type World } from './world.ts'
import { shown, tagsOf, type StoredImage } from './image-store.ts'

/** `GET /images/{name}/json` */
export function imageInspect(world: World, image: StoredImage, version: string): JsonObject {
  const { profile } = world
  const containerd = profile.store === 'manifest'
  const slim = isSlim(profile, version)
  const whole: JsonObject = {
    Id: image.id,
    RepoTags: repoTags(world, image),
    RepoDigests: repoDigests(world, image),
    Parent: '',
    Comment: '',
    Created: image.created,
    ...(profile.virtualSize || (profile.lean && containerd && !atLeast(version, '1.45'))
      ? { Container: '', ContainerConfig: null }
      : {}),
    ...(profile.oldImageMembers && !atLeast(version, '1.45') ? { ContainerConfig: { ...NO_CONFIG } } : {}),
    DockerVersion: '',
    Author: '',
    Architecture: image.platform.architecture,
    ...(image.platform.variant === undefined ? {} : { Variant: image.platform.variant }),
    Os: image.platform.os,
    Size: imageSize(world, image),
    ...(profile.virtualSize || (profile.oldImageMembers && !atLeast(version, '1.44'))
      ? { VirtualSize: imageSize(world, image) }
      : {}),
    ...(containerd && slim
      ? {}
      : { GraphDriver: { Data: containerd ? null : layerPaths(world, image), Name: profile.driver } }),
    RootFS: { Type: 'layers', Layers: image.layers.map(({ diffId }) => diffId) },
    Metadata: { LastTagTime: goTime(containerd ? image.tagged : undefined) },
    ...(containerd ? { Descriptor: { ...image.target } } : {}),
    Config: imageConfig(world, image.config, slim),
    ...identityOf(world, image, version),
  }
  if (slim) for (const key of ['Author', 'Comment', 'Parent', 'DockerVersion']) if (whole[key] === '') delete whole[key]
  return whole
}

// What Go prints of the configuration of no container.
const NO_CONFIG: JsonObject = {
  ...ONLY_OF_CONTAINERS,
  User: '',
  Env: null,
  Cmd: null,
  Image: '',
  Volumes: null,
  WorkingDir: '',
  Entrypoint: null,
  OnBuild: null,
  Labels: null,
}

/** Where the content of an image came from: repositories without the port of their registry. */
function identityOf({ profile }: World, { pulledFrom }: StoredImage, version: string): JsonObject {
  const from = profile.identityFrom
  if (from === undefined || profile.store === 'config' || !atLeast(version, from) || pulledFrom.length === 0) return {}
  return { Identity: { Pull: pulledFrom.map((Repository) => ({ Repository })) } }
}

/** `GET /libpod/images/{name}/json`, as far as it tells what the other one does not. */
export function libpodImage({ id, config }: StoredImage): JsonObject {
  const check = config['Healthcheck']
  return { Id: id.replace(/^sha256:/, ''), ...(isObject(check) ? { Healthcheck: check } : {}) }
}

/** A row of `GET /images/json`. */
export function imageSummary(world: World, image: StoredImage): JsonObject {
  const labels = image.config['Labels']
  const tags = repoTags(world, image)
  return {
    Containers: world.profile.countsUsers ? 0 : -1,
    Created: Math.floor(Date.parse(image.created) / 1000),
    Id: image.id,
    Labels: isObject(labels) ? labels : world.profile.lean && world.profile.store === 'manifest' ? {} : null,
    ParentId: '',
    ...(world.profile.store === 'manifest' ? { Descriptor: { ...image.target } } : {}),
    RepoDigests: repoDigests(world, image),
    RepoTags: tags,
    SharedSize: -1,
    Size: imageSize(world, image),
    ...(world.profile.virtualSize ? { VirtualSize: imageSize(world, image) } : {}),
    ...(world.profile.family === 'podman' ? { Names: tags, Digest: image.manifest.digest } : {}),
  }
}

/** `GET /images/{name}/history` */
export function imageHistory(world: World, image: StoredImage): JsonObject[] {
  const created = Math.floor(Date.parse(image.created) / 1000)
  return image.layers.toReversed().map(({ unpacked }, i) => ({
    Comment: '',
    Created: created,
    CreatedBy: 'COPY . /',
    Id: i === 0 ? image.id : '<missing>',
    Size: unpacked,
    Tags: i === 0 ? repoTags(world, image) : null,
  }))
}

export function repoTags(world: World, image: StoredImage): string[] {
  const tags = tagsOf(world, image.id).map((tag) => shown(world, tag))
  return world.profile.family === 'podman' ? tags.toReversed() : tags.toSorted()
}

function repoDigests(world: World, image: StoredImage): string[] {
  return image.digests.map((digest) => shown(world, digest)).toSorted()
}

function imageSize(world: World, { layers, manifest }: StoredImage): number {
  const sum = (pick: (layer: StoredImage['layers'][number]) => number): number =>
    layers.reduce((total, layer) => total + pick(layer), 0)
  if (world.profile.store === 'config') return sum(({ unpacked }) => unpacked)
  const content = sum(({ size }) => size) + manifest.size
  return world.profile.lean ? content + sum(({ unpacked }) => unpacked) : content
}

function layerPaths({ profile }: World, { layers }: StoredImage): JsonObject {
  const folder = `${profile.root}/${profile.driver}/${(layers.at(-1)?.diffId ?? '').replace('sha256:', '')}`
  return { MergedDir: `${folder}/merged`, UpperDir: `${folder}/diff`, WorkDir: `${folder}/work` }
}

const OPTIONAL = ['ExposedPorts', 'Healthcheck', 'StopSignal', 'StopTimeout', 'Shell', 'ArgsEscaped'] as const

// dockerd 28 dropped the fields of a container that an image never had; podman leaves out what is empty, and the
// health check.
function imageConfig({ profile }: World, config: JsonObject, slim: boolean): JsonObject {
  const whole: JsonObject = {
    ...(profile.wholeImageConfig ? { ...ONLY_OF_CONTAINERS, Image: '' } : {}),
    Cmd: config['Cmd'] ?? null,
    Entrypoint: config['Entrypoint'] ?? null,
    Env: config['Env'] ?? null,
    Labels: config['Labels'] ?? null,
    OnBuild: config['OnBuild'] ?? null,
    User: config['User'] ?? '',
    Volumes: config['Volumes'] ?? null,
    WorkingDir: config['WorkingDir'] ?? '',
  }
  for (const key of OPTIONAL) if (config[key] !== undefined) whole[key] = config[key]
  return profile.family === 'podman' || slim
    ? Object.fromEntries(
        Object.entries(whole).filter(([key, value]) => (slim || key !== 'Healthcheck') && !isEmpty(value)),
      )
    : whole
}

function isEmpty(value: JsonValue): boolean {
  return value === null || value === '' || value === false
}
