import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { JsonObject } from '../../base/json.ts'
import { parseReference } from '../../base/reference.ts'
import type { Clock } from '../../base/ports.ts'
import { systemClock } from '../../base/system.ts'
import type { Transport } from '../../wire/transport.ts'
import type { ImageSpec, IndexSpec } from '../registry/image.ts'
import { programOf, type Behaviour, type Program, type Programs } from './behaviour.ts'
import { bindPorts } from './bound-ports.ts'
import { createCore, type LoggedCall } from './core.ts'
import { seedContainer, type ContainerSeed } from './container-seed.ts'
import { needContainer } from './container.ts'
import { containerInspect } from './container-inspect.ts'
import type { Faults } from './faults.ts'
import { localSource, type LocalSourceOptions, type PublishOptions } from './image-source.ts'
import { storeImage } from './image-store.ts'
import { modelServer } from './model-server.ts'
import { modelTransport } from './model-transport.ts'
import { predefine } from './networks.ts'
import type { Profile, ProfileName } from './profile.ts'
import { PROFILES } from './profiles.ts'
import { networkSource } from './network-source.ts'
import { restartEngine, type EngineRestart } from './restart.ts'
import { settle } from './settle.ts'
import { emptyState, type State } from './state.ts'
import { containerViews, imageViews, type ContainerView, type ImageView } from './views.ts'
import { bell, type World } from './world.ts'

/** An image, and how its containers behave. The behaviour is no part of its digest. */
export type ModelImage = (ImageSpec | IndexSpec) & { readonly behaviour?: Behaviour | undefined }

export interface ModelEngineOptions {
  /** Default `28`. */
  readonly profile?: ProfileName | undefined
  /** Images by reference that are there from the start, and in their registries too. */
  readonly images?: Readonly<Record<string, ModelImage>> | undefined
  /** Containers that are there from the start. */
  readonly containers?: readonly ContainerSeed[] | undefined
  /** Default the machine's; `manualClock()` for time that a test owns. */
  readonly clock?: Clock | undefined
  readonly faults?: Faults | undefined
  /** Registries of the model that want a login, by host. */
  readonly credentials?: LocalSourceOptions['credentials']
  /** Registries that are asked over the network, with plain HTTP, by host and port. */
  readonly registries?: readonly string[] | undefined
  /** How command lines behave, whatever their image. */
  readonly programs?: Program | Programs | undefined
  /**
   * Milliseconds that the engine gives a container on top of what the container tells, when it is stopped: as by a default
   * of its own, which no inspect shows, or on a loaded machine. Default 0.
   */
  readonly stopsLater?: number | undefined
  /** Seconds that a container which names none is given to stop: `default-stop-timeout` of dockerd 29, which no answer shows. */
  readonly stopTimeout?: number | undefined
  /**
   * `bind` binds the published TCP ports of running containers on this machine, at 127.0.0.1, so that a test can connect: to
   * what the program `serves`, else to a connection that is closed at once. They follow at the calls that start and end
   * containers. Default `show`: they are told and not bound.
   */
  readonly ports?: 'show' | 'bind' | undefined
  /**
   * `refuse` refuses what is neither scripted nor known to the small shell as an engine refuses a program that is not there,
   * and users and folders that a container has not. Default `run`: it runs until it is stopped, and an exec of it ends well.
   */
  readonly unknownPrograms?: 'run' | 'refuse' | undefined
  /** Which paths are there on the host, for mounts of type `bind`. Default all. */
  readonly hostPaths?: ((path: string) => boolean) | undefined
  /** False on a machine without systemd: podman leaves health checks to its timers. Default true. */
  readonly systemd?: boolean | undefined
}

/** A Docker Engine in memory. */
export interface ModelEngine extends AsyncDisposable {
  readonly profile: Profile
  /** Every request so far. */
  readonly calls: readonly LoggedCall[]
  /** Decides over the calls that fail; may be changed at any time. */
  faults: Faults | undefined
  /** Host ports that other programs of the machine hold, by number. */
  readonly occupiedPorts: Set<string>
  containers(): ContainerView[]
  images(): ImageView[]
  /** A container as `GET /containers/{id}/json` shows it. @throws when there is none */
  inspect(name: string): JsonObject
  /** Makes a container as one of the options `containers`. @throws what the engine would answer */
  seed(container: ContainerSeed): void
  /** Points a reference of the model's registries at an image, so that a pull brings it. Gives the digest. */
  publish(ref: string, image: ModelImage, options?: PublishOptions): string
  /** A line to it without a socket, for `connect({ transport: () => engine.transport() })`. */
  transport(): Transport
  /** Listens on a unix socket, a new one in the temporary folder when none is named. */
  listen(socketPath?: string): Promise<Listening>
  /** Goes down and comes back, as dockerd does: connections break, and restart policies decide who runs then. */
  restart(how?: EngineRestart): void
  /** All that it remembers, to be put back any number of times. */
  snapshot(): Snapshot
  restore(snapshot: Snapshot): void
  close(): Promise<void>
}

export interface Listening extends AsyncDisposable {
  /** For `DOCKER_HOST`: `unix:///…`. */
  readonly host: string
  readonly socketPath: string
  close(): Promise<void>
}

const AWAY = AbortSignal.abort(new Error('the engine is away'))

declare const opaque: unique symbol
/** What an engine remembered at one moment. */
export interface Snapshot {
  readonly [opaque]: true
}

/** Makes a Docker Engine in memory, in well under a millisecond. It does nothing by itself: time passes when it is asked. */
export function modelEngine(options: ModelEngineOptions = {}): ModelEngine {
  const network = options.registries === undefined ? undefined : networkSource(options.registries)
  const source = localSource({ credentials: options.credentials, network })
  const world: World = {
    profile: PROFILES[options.profile ?? '28'],
    clock: options.clock ?? systemClock,
    source,
    behaviours: new Map(),
    blobs: new Map(),
    contents: new Map(),
    programs: programOf(options.programs),
    systemd: options.systemd ?? true,
    stopsLater: options.stopsLater ?? 0,
    stopTimeout: options.stopTimeout,
    boundPorts: undefined,
    strict: {
      processes: options.unknownPrograms === 'refuse',
      hostPaths: options.hostPaths ?? (() => true),
    },
    occupied: new Set(),
    state: emptyState(),
    at: undefined,
    happened: bell(),
  }
  if (options.ports === 'bind') world.boundPorts = bindPorts(world)
  const core = createCore(world, options.faults)
  const servers = new Set<Listening & { server: Server }>()
  let down = new AbortController()
  let awayUntil = -Infinity
  const isAway = (): boolean => world.clock.monotonic() < awayUntil

  const publish = (ref: string, image: ModelImage, how?: PublishOptions) => {
    const published = source.publish(ref, image, how)
    if (image.behaviour !== undefined)
      for (const { config } of published.images) world.behaviours.set(config.digest, image.behaviour)
    return published
  }

  predefine(world)
  for (const [ref, image] of Object.entries(options.images ?? {})) {
    const { images, target } = publish(ref, image)
    const content = images.find(({ platform }) => platform.architecture === 'amd64') ?? images[0]
    if (content !== undefined) storeImage(world, parseReference(ref), content, target)
  }
  for (const seed of options.containers ?? []) seedContainer(world, seed)

  const close = async (): Promise<void> => {
    down.abort(new Error('the engine is closed'))
    await Promise.all([...servers].map((listening) => listening.close()))
    await world.boundPorts?.close()
  }
  return {
    profile: world.profile,
    calls: core.calls,
    occupiedPorts: world.occupied,
    get faults() {
      return core.faults
    },
    set faults(faults) {
      core.faults = faults
    },
    containers: () => {
      settle(world)
      return containerViews(world)
    },
    images: () => imageViews(world),
    inspect: (name) => {
      settle(world)
      return containerInspect(world, needContainer(world, name), world.profile.api)
    },
    seed: (container) => seedContainer(world, container),
    publish: (ref, image, how) => publish(ref, image, how).target.digest,
    transport: () => modelTransport({ core, clock: world.clock, down: () => (isAway() ? AWAY : down.signal) }),
    listen: async (socketPath) => {
      const listening = await listen(modelServer(core, isAway), socketPath, (closed) => servers.delete(closed))
      servers.add(listening)
      return listening
    },
    restart: (how) => {
      down.abort(new Error('the engine restarts'))
      down = new AbortController()
      for (const { server } of servers) server.closeAllConnections()
      restartEngine(world, how ?? {})
      awayUntil = world.clock.monotonic() + (how?.awayFor ?? 0)
    },
    snapshot: () => structuredClone(world.state) as unknown as Snapshot,
    restore: (snapshot) => {
      world.state = structuredClone(snapshot as unknown as State)
      world.happened.ring()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function listen(
  server: Server,
  wanted: string | undefined,
  onClose: (listening: Listening & { server: Server }) => void,
): Promise<Listening & { server: Server }> {
  const folder = wanted === undefined ? await mkdtemp(join(tmpdir(), 'dockline-model-')) : undefined
  const socketPath = wanted ?? join(folder ?? '', 'docker.sock')
  server.listen(socketPath)
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    onClose(listening)
    server.closeAllConnections()
    await new Promise((resolve) => {
      server.close(resolve)
    })
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
  const listening = { server, socketPath, host: `unix://${socketPath}`, close, [Symbol.asyncDispose]: close }
  return listening
}
