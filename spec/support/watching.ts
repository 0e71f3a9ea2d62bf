// A watcher of a model engine, with a registry that has what was published to the engine's own.
import { ApiError, type ErrorCode } from '../../lib/base/errors.ts'
import { parseJson, textAt, type JsonObject } from '../../lib/base/json.ts'
import type { Log } from '../../lib/base/ports.ts'
import { formatReference, parseReference, type Reference } from '../../lib/base/reference.ts'
import { connect, type Docker } from '../../lib/engine/connect.ts'
import type { WatchOptions, WatchPorts } from '../../lib/refresh/watch/options.ts'
import { createTicks, type Tick } from '../../lib/refresh/watch/tick.ts'
import { imageTarget, type Target } from '../../lib/refresh/target.ts'
import {
  manualClock,
  modelEngine,
  type ManualClock,
  type ModelEngine,
  type ModelEngineOptions,
  type ModelImage,
  type PublishOptions,
} from '../../lib/testing/model/index.ts'
import { imageContent, indexContent, isIndexSpec, type ImageSpec } from '../../lib/testing/registry/image.ts'
import type { DigestOptions, RemoteDigest } from '../../lib/registry/digest.ts'
import { choosePlatform, indexEntries, noPlatform } from '../../lib/registry/manifest.ts'

export const MINUTE = 60_000
export const HERMES = 'ghcr.io/molecule-ai/workspace-template-hermes:latest'
export const CREWAI = 'ghcr.io/molecule-ai/workspace-template-crewai:latest'

/** An image that tells its version. Equal versions are equal images. */
export function image(version: string, more: Partial<ImageSpec> = {}): ModelImage {
  return { config: { Cmd: ['/serve'], Labels: { version } }, ...more }
}

/** The image that exits at once. */
export function broken(version: string): ModelImage {
  return { ...image(version), behaviour: { process: { exits: 3 } } }
}

export interface WatchScene {
  readonly engine: ModelEngine
  readonly docker: Docker
  readonly clock: ManualClock
  readonly ports: WatchPorts
  readonly options: WatchOptions
  /** Lines of the log so far. */
  readonly lines: string[]
  /** References that the registry was asked for, in order. */
  readonly asked: string[]
  /** Pushes an image; gives its digest. */
  publish(ref: string, image: ModelImage, options?: PublishOptions): string
  /** Lets the registry answer so instead, until `undefined`. */
  answer(ref: string, instead: ErrorCode | { digest: string } | undefined): void
  /** One tick, and the interval before it unless it is the first. */
  tick(): Promise<Tick>
  /** Digest, or version, that each container runs, by name. */
  versions(): Record<string, string>
  /** Names of containers with their ids. */
  ids(): Record<string, string>
  /** Calls that changed the engine since the last time this was asked. */
  changes(): string[]
}

export interface SceneOptions extends Pick<ModelEngineOptions, 'profile' | 'images' | 'containers'> {
  readonly targets?: readonly Target[]
  readonly options?: Partial<WatchOptions>
  readonly ports?: Partial<WatchPorts>
}

export async function watchScene(scene: SceneOptions): Promise<WatchScene> {
  const clock = manualClock({ auto: true })
  const { profile, images = {}, containers = [] } = scene
  const engine = modelEngine({ profile, images, containers, clock })
  const docker = await connect({ host: 'unix:///model', transport: () => engine.transport(), validate: 'strict' })
  const pushed = new Map(Object.entries(images).map(([ref, made]) => [normal(ref), made]))
  const instead = new Map<string, ErrorCode | { digest: string }>()
  const lines: string[] = []
  const asked: string[] = []
  const log: Log = { info: (line) => void lines.push(line), warn: (line) => void lines.push(line) }
  let ids = 0
  const registry: WatchPorts['registry'] = {
    digest: async (ref, wanted = {}) => {
      asked.push(formatReference(ref))
      const other = instead.get(formatReference(ref))
      if (typeof other === 'string') throw new ApiError(other, `the registry says ${other}`)
      const made = pushed.get(formatReference(ref))
      if (made === undefined) throw new ApiError('NOT_FOUND', 'no such tag')
      const answer = remoteOf(made, wanted)
      if (other !== undefined) return { ...answer, digest: other.digest }
      return wanted.known?.includes(answer.digest) === true ? { ...answer, platformDigest: undefined } : answer
    },
    created: async (ref) => createdOf(pushed, ref),
  }
  const ports: WatchPorts = {
    engine: docker,
    credentials: { resolve: async () => ({ auth: undefined, source: 'anonymous' }) },
    clock,
    random: { id: () => `id-${++ids}`, fraction: () => 0.5 },
    processes: { self: async () => 'spec', state: async (who) => (who === 'spec' ? 'alive' : 'dead') },
    registry,
    log,
    ...scene.ports,
  }
  const options: WatchOptions = {
    targets: scene.targets ?? [],
    selection: { all: true },
    gate: { stableFor: 1000 },
    ...scene.options,
  }
  const ticks = createTicks(ports, options)
  let seen = engine.calls.length
  let ticked = false
  return {
    engine,
    docker,
    clock,
    ports,
    options,
    lines,
    asked,
    publish: (ref, made, how) => {
      pushed.set(normal(ref), made)
      return engine.publish(ref, made, how)
    },
    answer: (ref, other) => {
      if (other === undefined) instead.delete(normal(ref))
      else instead.set(normal(ref), other)
    },
    tick: async () => {
      if (ticked) await clock.advance(options.interval ?? 5 * MINUTE)
      ticked = true
      return ticks()
    },
    versions: () =>
      Object.fromEntries(engine.containers().map(({ name, labels }) => [name, textAt(labels, 'version')])),
    ids: () => Object.fromEntries(engine.containers().map(({ name, id }) => [name, id])),
    changes: () => {
      const fresh = engine.calls.slice(seen).filter(({ method }) => method !== 'GET' && method !== 'HEAD')
      seen = engine.calls.length
      return fresh.map(({ method, path }) => `${method} ${path.replace(/^\/v[\d.]+/, '').replace(/\?.*$/, '')}`)
    },
  }
}

/** Targets of references. */
export function targets(...refs: string[]): Target[] {
  return refs.map(imageTarget)
}

/** Verdicts of a tick by the last part of the reference. */
export function verdicts({ images }: Tick): Record<string, string> {
  return Object.fromEntries(images.map(({ ref, verdict }) => [ref.split('/').at(-1) ?? ref, verdict]))
}

/** What the registry client tells of an image. */
export function remoteOf(made: ModelImage, { platform, mustFit = true }: DigestOptions): RemoteDigest {
  const about = { source: 'anonymous', rateLimit: undefined }
  if (!isIndexSpec(made)) {
    const { digest, mediaType } = imageContent(made).manifest
    return { ...about, digest, mediaType, platformDigest: platform === undefined ? undefined : digest }
  }
  const { manifest } = indexContent(made)
  const answer = { ...about, digest: manifest.digest, mediaType: manifest.mediaType, platformDigest: undefined }
  if (platform === undefined) return answer
  const entries = indexEntries(parseJson(manifest.bytes.toString()) as JsonObject, 'the index')
  const { digest, misfit, offered } = choosePlatform(entries, platform)
  if (digest === undefined && mustFit) throw noPlatform('the index', platform, offered)
  const manifests = entries.map((entry) => entry.digest)
  const unfit = digest === undefined ? { offered, misfit } : {}
  return { ...answer, platformDigest: digest, manifests, ...unfit }
}

function createdOf(pushed: ReadonlyMap<string, ModelImage>, ref: Reference): number | undefined {
  const made = pushed.get(formatReference({ ...ref, digest: undefined }))
  const [first] = made === undefined ? [] : isIndexSpec(made) ? made.manifests : [made]
  return first?.created === undefined ? undefined : Date.parse(first.created)
}

function normal(ref: string): string {
  return formatReference(parseReference(ref))
}
