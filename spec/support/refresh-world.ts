import { setTimeout as delay } from 'node:timers/promises'

import { ApiError, ConnectionError, StreamError } from '../../lib/base/errors.ts'
import { formatReference } from '../../lib/base/reference.ts'
import type { Clock } from '../../lib/base/ports.ts'
import { systemClock, systemRandom } from '../../lib/base/system.ts'
import type { RefreshEngine, RefreshPorts } from '../../lib/refresh/index.ts'
import type { ProgressMessage } from '../../lib/stream/progress.ts'
import { rawContainer } from './container.ts'

/** A small engine in memory with its registry, enough to refresh by the strategy `remove`, and scripted from outside. */
export interface RefreshWorld {
  readonly ports: RefreshPorts
  /** What the registry has, by normalised reference; none is a pull that fails. Ids stand for digests. */
  readonly registry: Map<string, string>
  /** The registry's words on what it has not. */
  refusal: string
  /** What the engine has, by normalised reference. */
  readonly images: Map<string, string>
  readonly containers: Map<string, WorldContainer>
  /** Every call that changes something: `pull REF`, `stop NAME`, … */
  readonly changes: string[]
  /** Fails every call. */
  away: boolean
  /** Fails the list of containers. */
  listFails: boolean
  /** Names of containers that cannot be stopped. */
  readonly stubborn: Set<string>
  /** Pulls wait for it. */
  held: Promise<void>
  /** Resolves when the next pull has begun. */
  pulling(): Promise<void>
}

export interface WorldContainer {
  readonly name: string
  readonly image: string
  readonly imageId: string
}

export const imageIdOf = (version: string): string =>
  `sha256:${Buffer.from(version).toString('hex').padEnd(64, '0').slice(0, 64)}`

export const RUNTIME_IMAGE = (runtime: string): string => `ghcr.io/molecule-ai/workspace-template-${runtime}:latest`

/** Holds pulls until it is opened. */
export function gate(world: RefreshWorld): { readonly open: () => void } {
  const opened = new AbortController()
  world.held = fired(opened.signal)
  return { open: () => opened.abort() }
}

// A service that a spec does not stop may wait for its engine without holding the process. Short waits are made shorter.
const patient: Clock = {
  ...systemClock,
  sleep: (ms, signal) =>
    delay(ms < 5000 ? ms / 100 : ms, undefined, { ref: ms < 5000, ...(signal === undefined ? {} : { signal }) }),
}

export function refreshWorld(): RefreshWorld {
  const begun: (() => void)[] = []
  const world: RefreshWorld = {
    registry: new Map(),
    refusal: 'not in the registry',
    images: new Map(),
    containers: new Map(),
    changes: [],
    away: false,
    listFails: false,
    stubborn: new Set(),
    held: Promise.resolve(),
    pulling: () => new Promise((resolve) => begun.push(resolve)),
    ports: {
      engine: undefined as never,
      credentials: { resolve: async () => ({ auth: undefined, source: 'anonymous' }) },
      clock: patient,
      random: systemRandom,
      processes: { self: async () => 'me', state: async () => 'unknown' },
    },
  }
  const up = (): void => {
    if (world.away) throw new ConnectionError('ENGINE_UNREACHABLE', 'cannot reach the engine at unix:///nowhere')
  }
  const byId = (id: string): WorldContainer => {
    const found = [...world.containers.values()].find(({ name }) => name === id || idOf(name) === id)
    if (found === undefined) throw new ApiError('NOT_FOUND', `no such container: ${id}`)
    return found
  }
  const engine = {
    apiVersion: async () => {
      up()
      return '1.41'
    },
    info: async () => ({ OSType: 'linux', Architecture: 'x86_64' }),
    networks: {},
    containers: {
      list: async ({ filters }: { filters?: object } = {}) => {
        up()
        if (world.listFails) throw new ApiError('ENGINE_ERROR', 'the engine answered 500 to GET /containers/json')
        return filters === undefined ? [...world.containers.values()].map(summaryOf) : []
      },
      inspectRaw: async (id: string) => inspectOf(byId(id)),
      update: async (id: string) => void world.changes.push(`update ${byId(id).name}`),
      stop: async (id: string) => {
        const { name } = byId(id)
        if (world.stubborn.has(name)) throw new ApiError('ENGINE_ERROR', `cannot stop ${name}`)
        world.changes.push(`stop ${name}`)
        return { changed: true }
      },
      remove: async (id: string) => {
        const { name } = byId(id)
        world.changes.push(`remove ${name}`)
        world.containers.delete(name)
      },
    },
    images: {
      inspect: async (ref: string) => {
        up()
        const id = world.images.get(ref) ?? [...world.images.values()].find((image) => image === ref)
        if (id === undefined) throw new ApiError('NOT_FOUND', `no such image: ${ref}`)
        return {
          Id: id,
          RepoTags: tagsOf(world, id),
          RepoDigests: tagsOf(world, id).map((tag) => `${tag.replace(/:[^:/]+$/, '')}@${id}`),
        }
      },
      pull: (ref: string, _: object, { signal }: { signal?: AbortSignal }) => {
        world.changes.push(`pull ${ref}`)
        for (const resolve of begun.splice(0)) resolve()
        return pullOf(world, ref, signal)
      },
    },
  }
  const remote: RefreshPorts['remote'] = {
    digest: async (ref) => {
      const digest = world.registry.get(formatReference(ref))
      if (digest === undefined) throw new ApiError('NOT_FOUND', world.refusal)
      return { digest, mediaType: '', platformDigest: undefined, source: 'anonymous', rateLimit: undefined }
    },
  }
  return Object.assign(world, { ports: { ...world.ports, engine: engine as unknown as RefreshEngine, remote } })
}

function tagsOf({ images }: RefreshWorld, id: string): string[] {
  return [...images].flatMap(([ref, image]) => (image === id ? [ref] : []))
}

function pullOf(world: RefreshWorld, ref: string, signal: AbortSignal | undefined) {
  const outcome = async () => {
    await Promise.race([world.held, fired(signal)])
    signal?.throwIfAborted()
    const id = world.registry.get(ref)
    if (id === undefined) throw new StreamError('NOT_FOUND', `cannot pull ${ref}: not found`)
    world.images.set(ref, id)
    return { id, digest: id, changed: true }
  }
  let done: Promise<{ id: string; digest: string }> | undefined
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- as the stream it stands for
    then: (...args: Parameters<Promise<{ id: string; digest: string }>['then']>) => (done ??= outcome()).then(...args),
    async *[Symbol.asyncIterator](): AsyncGenerator<ProgressMessage, void, undefined> {
      yield { status: 'Downloading', id: '0123456789ab', progressDetail: { current: 5, total: 10 } }
      await (done ??= outcome())
    },
  }
}

function fired(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) resolve()
    signal?.addEventListener('abort', () => resolve(), { once: true })
  })
}

const idOf = (name: string): string => Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64)

function summaryOf({ name, image, imageId }: WorldContainer) {
  return { Id: idOf(name), Names: [`/${name}`], Image: image, ImageID: imageId, State: 'running', Labels: {} }
}

function inspectOf({ name, image, imageId }: WorldContainer) {
  return rawContainer({
    top: { Id: idOf(name), Name: `/${name}`, Image: imageId },
    Config: { Image: image },
  })
}
