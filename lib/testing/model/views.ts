import { textAt, type JsonObject } from '../../base/json.ts'
import type { Container } from './container.ts'
import { shown, tagsOf } from './image-store.ts'
import type { World } from './world.ts'

/** A container in short, for assertions. */
export interface ContainerView {
  readonly id: string
  readonly name: string
  readonly status: Container['status']
  /** When it was last started, in milliseconds since the epoch. */
  readonly startedAt: number | undefined
  /** The reference it was made from, and the image that this was then. */
  readonly imageRef: string
  readonly image: string
  readonly labels: JsonObject
  readonly restartPolicy: string
  readonly restartCount: number
  readonly exitCode: number
  readonly health: 'starting' | 'healthy' | 'unhealthy' | undefined
  /** Published host ports while it runs, such as `0.0.0.0:8080/tcp`. */
  readonly ports: readonly string[]
  /** Addresses by network while it runs. */
  readonly addresses: Readonly<Record<string, string>>
  /** Volume names. */
  readonly volumes: readonly string[]
}

export interface ImageView {
  readonly id: string
  readonly tags: readonly string[]
  readonly digests: readonly string[]
}

export function containerViews(world: World): ContainerView[] {
  return [...world.state.containers.values()].map((container) => ({
    id: container.id,
    name: container.name,
    status: container.status,
    startedAt: container.startedAt,
    imageRef: textAt(container.config, 'Image'),
    image: container.image,
    labels: container.config['Labels'] as JsonObject,
    restartPolicy: textAt(container.hostConfig['RestartPolicy'] as JsonObject, 'Name'),
    restartCount: container.restartCount,
    exitCode: container.exitCode,
    health: container.health?.status,
    ports: Object.entries(container.ports).flatMap(([port, bindings]) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}/${port.split('/')[1] ?? 'tcp'}`),
    ),
    addresses: Object.fromEntries(
      [...container.endpoints].flatMap(([name, { live }]) => (live === undefined ? [] : [[name, live.address]])),
    ),
    volumes: container.mounts.flatMap(({ Name }) => (Name === undefined ? [] : [Name])),
  }))
}

export function imageViews(world: World): ImageView[] {
  return [...world.state.images.values()].map(({ id, digests }) => ({
    id,
    tags: tagsOf(world, id).map((tag) => shown(world, tag)),
    digests: digests.map((digest) => shown(world, digest)),
  }))
}
