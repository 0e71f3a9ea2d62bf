import { packTar, unpackTar } from 'modern-tar'

import { isObject, parseJson, textAt, type JsonObject } from '../../base/json.ts'
import { parseReference } from '../../base/reference.ts'
import { assembleImage, layerContent, type ImageContent } from '../registry/image.ts'
import { mergedConfig } from './container-config.ts'
import type { Container } from './container.ts'
import { emit } from './events.ts'
import { textsAt } from './fields.ts'
import { entriesBelow } from './filesystem.ts'
import { shown, storeImage, tagsOf, type StoredImage } from './image-store.ts'
import { refuse } from './refusal.ts'
import { now, type World } from './world.ts'

const entry = (name: string, body: Uint8Array) => ({ header: { name, size: body.length, mode: 0o644 }, body })

/** Images as `docker save` writes them: configs, unpacked layers and a `manifest.json`. */
export async function saveImages(world: World, images: readonly StoredImage[]): Promise<Uint8Array> {
  const files = new Map<string, Uint8Array>()
  const manifest = images.map((image) => {
    const config = `${image.configDigest.replace('sha256:', '')}.json`
    files.set(config, world.blobs.get(image.configDigest) ?? Buffer.from('{}'))
    const layers = image.layers.map(({ diffId }) => `${diffId.replace('sha256:', '')}/layer.tar`)
    for (const [i, { diffId }] of image.layers.entries())
      files.set(layers[i] as string, world.blobs.get(diffId) ?? Buffer.alloc(1024))
    return { Config: config, RepoTags: tagsOf(world, image.id).map((tag) => shown(world, tag)), Layers: layers }
  })
  files.set('manifest.json', Buffer.from(JSON.stringify(manifest)))
  return packTar([...files].map(([name, body]) => entry(name, body)))
}

/** Takes what `docker save` wrote. Gives what the engine says of each image. */
export async function loadImages(world: World, tar: Uint8Array): Promise<string[]> {
  const files = new Map<string, Uint8Array>()
  for (const { header, data } of await unpackTar(tar).catch(() => refuse([500, 'unexpected EOF'])))
    if (data !== undefined) files.set(header.name, data)
  const text = files.get('manifest.json')
  if (text === undefined) return refuse([500, 'open manifest.json: no such file or directory'])
  const manifest = parseJson(Buffer.from(text).toString())
  return (Array.isArray(manifest) ? manifest : []).filter(isObject).flatMap((one) => {
    const config = parseJson(Buffer.from(files.get(textAt(one, 'Config')) ?? []).toString() || '{}')
    const document = isObject(config) ? config : {}
    const layers = textsAt(one, 'Layers').map((name) => layerContent(files.get(name) ?? new Uint8Array()))
    const content = contentOf(
      document,
      layers,
      textsAt(one, 'Layers').map((name) => files.get(name) ?? new Uint8Array()),
    )
    return textsAt(one, 'RepoTags').map((tag) => {
      storeImage(world, parseReference(tag), content, content.manifest)
      return `Loaded image: ${tag}\n`
    })
  })
}

function contentOf(document: JsonObject, layers: ImageContent['layers'], bytes: Uint8Array[]): ImageContent {
  const platform = { os: textAt(document, 'os') || 'linux', architecture: textAt(document, 'architecture') || 'amd64' }
  const config = isObject(document['config']) ? document['config'] : {}
  const spec = {
    config,
    layers: bytes,
    ...(document['created'] === undefined ? {} : { created: textAt(document, 'created') }),
  }
  return assembleImage(spec, platform, layers)
}

/** The files of a container as one tar. */
export function exportContainer(world: World, container: Container): Promise<Uint8Array> {
  return packTar(entriesBelow(world, container, '/').map(([path, body]) => entry(path.slice(1), body)))
}

export interface CommitOptions {
  readonly repo: string
  readonly tag: string
  /** `Config` of the call, set over the container's. */
  readonly config: JsonObject
  /** Dockerfile instructions. */
  readonly changes: readonly string[]
}

/** `POST /commit`: an image of what a container has become. Gives its id. */
export async function commit(world: World, container: Container, options: CommitOptions): Promise<string> {
  const base = world.state.images.get(container.image)
  const written = await packTar([...container.files].map(([path, body]) => entry(path.slice(1), body)))
  const { Hostname: _, Image: __, ...own } = container.config
  const config = changed(mergedConfig(options.config, own), options.changes)
  const layers = [
    ...(base?.layers ?? []).map((layer) => ({ ...layer, mediaType: LAYER_TYPE, bytes: undefined })),
    layerContent(written),
  ]
  const spec = { config, created: new Date(now(world)).toISOString() }
  const platform = base?.platform ?? { os: 'linux', architecture: 'amd64' }
  const content = assembleImage(spec, platform, layers)
  world.blobs.set(content.layers.at(-1)?.diffId ?? '', written)
  const name =
    options.repo === '' ? `dangling@${content.manifest.digest}` : `${options.repo}:${options.tag || 'latest'}`
  const { image } = storeImage(world, parseReference(name), content, content.manifest)
  image.digests.length = 0
  const behaviour = world.behaviours.get(base?.configDigest ?? '')
  if (behaviour !== undefined) world.behaviours.set(image.configDigest, behaviour)
  emit(world, 'image', 'create', image.id, { name: image.id })
  return image.id
}

const LAYER_TYPE = 'application/vnd.docker.image.rootfs.diff.tar.gzip'

/** A config after some Dockerfile instructions: `CMD`, `ENTRYPOINT`, `ENV`, `EXPOSE`, `LABEL`, `USER`, `WORKDIR`, `VOLUME`. */
export function changed(config: JsonObject, changes: readonly string[]): JsonObject {
  const result: JsonObject = { ...config }
  for (const change of changes) {
    const [, word = '', rest = ''] = /^\s*(\w+)\s+(.*)$/s.exec(change) ?? []
    const name = word.toUpperCase()
    const list = rest.startsWith('[') ? (parseJson(rest) as string[]) : ['/bin/sh', '-c', rest]
    if (name === 'CMD') result['Cmd'] = list
    if (name === 'ENTRYPOINT') result['Entrypoint'] = list
    if (name === 'USER') result['User'] = rest
    if (name === 'WORKDIR') result['WorkingDir'] = rest
    if (name === 'STOPSIGNAL') result['StopSignal'] = rest
    if (name === 'EXPOSE')
      result['ExposedPorts'] = {
        ...mapOf(result, 'ExposedPorts'),
        ...Object.fromEntries(rest.split(/\s+/).map((port) => [port.includes('/') ? port : `${port}/tcp`, {}])),
      }
    if (name === 'VOLUME')
      result['Volumes'] = {
        ...mapOf(result, 'Volumes'),
        ...Object.fromEntries((rest.startsWith('[') ? list : rest.split(/\s+/)).map((path) => [path, {}])),
      }
    if (name === 'LABEL') result['Labels'] = { ...mapOf(result, 'Labels'), ...Object.fromEntries(pairs(rest)) }
    if (name === 'ENV') {
      const set = pairs(rest)
      const kept = textsAt(result, 'Env').filter((one) => !set.some(([key]) => one.startsWith(`${key}=`)))
      result['Env'] = [...kept, ...set.map(([key, value]) => `${key}=${value}`)]
    }
  }
  return result
}

function mapOf(config: JsonObject, key: string): JsonObject {
  return isObject(config[key]) ? config[key] : {}
}

function pairs(text: string): [string, string][] {
  if (!/^[\w.-]+=/.test(text)) {
    const [key = '', ...value] = text.split(/\s+/)
    return [[key, value.join(' ')]]
  }
  return Array.from(text.matchAll(/([\w.-]+)=(?:"([^"]*)"|(\S*))/g), ([, key = '', a, b]) => [key, a ?? b ?? ''])
}
