import { printJson, type JsonObject } from '../../base/json.ts'
import { familiarReference, formatReference, type Reference } from '../../base/reference.ts'
import type { ImageContent } from '../registry/image.ts'
import { emit } from './events.ts'
import { PullRefused, type PullAuth, type Resolved } from './image-source.ts'
import { shown, storeImage, tagsOf } from './image-store.ts'
import { Cut } from './reply.ts'
import { refuse, Refusal } from './refusal.ts'
import { brokenLayerWords, noPlatformWords, pullWords } from './words-pull.ts'
import type { World } from './world.ts'

export interface PullOrder {
  readonly ref: Reference
  readonly auth: PullAuth | undefined
  readonly platform: { readonly os: string; readonly architecture: string }
}

/**
 * Asks the registry and, unless that is refused with a status, gives the lines of the pull. The image is there when the
 * last line was taken: who leaves before has pulled nothing.
 */
export async function pull(world: World, orders: readonly PullOrder[]): Promise<AsyncGenerator<Uint8Array>> {
  try {
    return await pullAll(world, orders)
  } catch (error) {
    if (error instanceof Refusal && world.profile.pullRefusal === 'stream') return refusalLine(error)
    throw error
  }
}

async function* refusalLine({ message }: Refusal): AsyncGenerator<Uint8Array> {
  yield line({ progressDetail: {}, errorDetail: { message }, error: message })
}

async function pullAll(world: World, orders: readonly PullOrder[]): Promise<AsyncGenerator<Uint8Array>> {
  const found: { order: PullOrder; resolved: Resolved }[] = []
  for (const order of orders) found.push({ order, resolved: await resolve(world, order) })
  for (const { order, resolved } of found) {
    if (choose(resolved, order) !== undefined) continue
    const { said } = noPlatformWords(world.profile, order.ref, order.platform.os, order.platform.architecture)
    if (said !== undefined) refuse(said)
  }
  return (async function* () {
    for (const { order, resolved } of found) yield* pullOne(world, order, resolved)
  })()
}

/** Asks for all tags of a repository. */
export async function allTags(world: World, ref: Reference, auth: PullAuth | undefined): Promise<string[]> {
  try {
    return await world.source.tags(ref, auth)
  } catch (error) {
    return refuse(refusal(world, error, ref))
  }
}

/** What the registry has under the reference, or its refusal in the engine's words. */
export async function resolve(world: World, { ref, auth }: PullOrder): Promise<Resolved> {
  try {
    return await world.source.resolve(ref, heeded(world, ref, auth))
  } catch (error) {
    return refuse(refusal(world, error, ref))
  }
}

// The containerd store drops a credential whose server is not the image's (moby daemon/containerd/resolver.go).
function heeded(world: World, { registry }: Reference, auth: PullAuth | undefined): PullAuth | undefined {
  if (auth === undefined || world.profile.store === 'config') return auth
  const server = (auth.serveraddress ?? '').replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  const host = server === 'index.docker.io' || server === 'registry-1.docker.io' ? 'docker.io' : server
  return host === '' || host === registry ? auth : undefined
}

function refusal(world: World, error: unknown, ref: Reference): ReturnType<typeof pullWords> {
  if (error instanceof PullRefused) return pullWords(world.profile, error.why, ref)
  throw error
}

function choose({ images, target }: Resolved, { platform }: PullOrder): ImageContent | undefined {
  const fits = images.find(
    (image) => image.platform.os === platform.os && image.platform.architecture === platform.architecture,
  )
  // A lone manifest is taken whatever it is for: only an index can be searched.
  return fits ?? (images.length === 1 && images[0]?.manifest.digest === target.digest ? images[0] : undefined)
}

async function* pullOne(world: World, order: PullOrder, resolved: Resolved): AsyncGenerator<Uint8Array> {
  const { profile } = world
  const { ref } = order
  const podman = profile.family === 'podman'
  if (!podman) yield line({ status: `Pulling from ${pathOf(ref)}`, id: ref.digest ?? ref.tag ?? 'latest' })
  const content = choose(resolved, order)
  if (content === undefined) {
    const words = noPlatformWords(profile, ref, order.platform.os, order.platform.architecture).line ?? ''
    yield line({ errorDetail: { message: words }, error: words })
    return
  }
  const have = new Set([...world.state.images.values()].flatMap(({ layers }) => layers.map(({ diffId }) => diffId)))
  const last = content.layers.at(-1)
  for (const layer of content.layers) {
    const id = layer.digest.slice(7, 19)
    if (resolved.fails === 'cut' && layer === last) throw new Cut()
    if (resolved.fails === 'broken-layer' && layer === last) {
      yield line({ status: 'Pulling fs layer', progressDetail: {}, id })
      const words = brokenLayerWords(profile, ref, layer.digest)
      yield line({ errorDetail: { message: words }, error: words })
      return
    }
    if (have.has(layer.diffId)) {
      // The containerd store says nothing of what it has.
      if (profile.store === 'config') yield line({ status: 'Already exists', progressDetail: {}, id })
    } else {
      for (const message of layerLines(world, id, layer.size)) yield line(message)
    }
  }
  if (podman) {
    const id = content.config.digest.slice(7, 19)
    yield line({ status: 'Pulling fs layer', progressDetail: {}, id })
    yield line({ status: 'Download complete', progressDetail: {}, id })
  }
  const { image, moved } = storeImage(world, ref, content, resolved.target)
  const from = `${ref.registry.replace(/:\d+$/, '')}/${ref.repository}`
  if (!image.pulledFrom.includes(from)) image.pulledFrom.push(from)
  emit(world, 'image', 'pull', familiarReference(ref), { name: familiarReference({ ...ref, tag: undefined }) })
  if (podman) {
    yield line({ status: 'Download complete', progressDetail: {}, id: image.configDigest.slice(7, 19) })
    return
  }
  const news = moved || (ref.digest !== undefined && tagsOf(world, image.id).length === 0)
  yield line({ status: `Digest: ${resolved.target.digest}` })
  yield line({
    status: `Status: ${news ? 'Downloaded newer image' : 'Image is up to date'} for ${shown(world, formatReference(ref))}`,
  })
}

function* layerLines({ profile }: World, id: string, size: number): Generator<JsonObject> {
  const at = (current: number): JsonObject => ({ current, total: size })
  const bar = (current: number): JsonObject => (profile.progressBar ? { progress: barOf(current, size) } : {})
  yield { status: 'Pulling fs layer', progressDetail: {}, id }
  if (profile.family === 'podman') {
    yield { status: 'Download complete', progressDetail: {}, id }
    return
  }
  const half = Math.ceil(size / 2)
  yield { status: 'Downloading', progressDetail: at(half), ...bar(half), id }
  yield { status: 'Downloading', progressDetail: at(size), ...bar(size), id }
  if (profile.store === 'manifest') {
    yield { status: 'Download complete', progressDetail: { hidecounts: true }, id }
    yield { status: 'Extracting', progressDetail: { current: 1, units: 's' }, id }
    yield { status: 'Pull complete', progressDetail: { hidecounts: true }, id }
    return
  }
  yield { status: 'Verifying Checksum', progressDetail: {}, id }
  yield { status: 'Download complete', progressDetail: {}, id }
  yield { status: 'Extracting', progressDetail: at(size), ...bar(size), id }
  yield { status: 'Pull complete', progressDetail: {}, id }
}

// As docker/pkg/jsonmessage draws it, of 50 signs.
function barOf(current: number, total: number): string {
  const done = total === 0 ? 50 : Math.min(50, Math.floor((current / total) * 50))
  return `[${'='.repeat(done)}>${' '.repeat(50 - done)}]  ${current}B/${total}B`
}

function line(message: JsonObject): Uint8Array {
  return Buffer.from(`${printJson(message)}\r\n`)
}

// dockerd names the path without its registry.
function pathOf({ repository }: Reference): string {
  return repository
}
