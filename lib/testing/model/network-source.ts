import { isObject, objectAt, parseJson, textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import type { Reference } from '../../base/reference.ts'
import { sha256, type ImageContent, type Manifest } from '../registry/image.ts'
import { textsAt } from './fields.ts'
import { PullRefused, type ImageSource, type PullAuth, type Resolved } from './image-source.ts'

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/** Pulls from registries over plain HTTP. Layers are not fetched, only asked for: they are there, or the pull breaks. */
export function networkSource(hosts: readonly string[]): (ref: Reference) => ImageSource | undefined {
  return ({ registry }) => (hosts.includes(registry) ? source(registry) : undefined)
}

function source(host: string): ImageSource {
  return {
    tags: async ({ repository }, auth) => {
      const answer = await ask(host, `${repository}/tags/list`, repository, auth)
      return textsAt(objectOf(await answer.text()), 'tags')
    },
    resolve: async (ref, auth) => {
      const name = ref.digest ?? ref.tag ?? 'latest'
      const manifest = await fetchManifest(host, ref.repository, name, auth)
      const document = objectOf(manifest.bytes.toString())
      const children = document['manifests']
      const images = Array.isArray(children)
        ? await Promise.all(platforms(children).map((digest) => fetchImage(host, ref.repository, digest, auth)))
        : [await contentOf(host, ref.repository, manifest, auth)]
      return { target: manifest, images: images.map(({ content }) => content), fails: failureOf(images) }
    },
  }
}

function failureOf(images: readonly Fetched[]): Resolved['fails'] {
  return images.some(({ broken }) => broken) ? 'broken-layer' : undefined
}

function platforms(children: readonly JsonValue[]): string[] {
  return children
    .filter(isObject)
    .filter((child) => objectAt(child, 'platform')['os'] !== 'unknown')
    .map((child) => textAt(child, 'digest'))
}

interface Fetched {
  readonly content: ImageContent
  readonly broken: boolean
}

async function fetchImage(
  host: string,
  repository: string,
  digest: string,
  auth: PullAuth | undefined,
): Promise<Fetched> {
  return contentOf(host, repository, await fetchManifest(host, repository, digest, auth), auth)
}

async function fetchManifest(
  host: string,
  repository: string,
  name: string,
  auth: PullAuth | undefined,
): Promise<Manifest> {
  const answer = await ask(host, `${repository}/manifests/${name}`, repository, auth)
  const bytes = Buffer.from(await answer.arrayBuffer())
  const mediaType = (answer.headers.get('content-type') ?? '').split(';')[0] ?? ''
  return { mediaType, digest: sha256(bytes), size: bytes.length, bytes }
}

async function contentOf(
  host: string,
  repository: string,
  manifest: Manifest,
  auth: PullAuth | undefined,
): Promise<Fetched> {
  const document = objectOf(manifest.bytes.toString())
  const target = objectAt(document, 'config')
  const digest = textAt(target, 'digest')
  const answer = await ask(host, `${repository}/blobs/${digest}`, repository, auth)
  const bytes = Buffer.from(await answer.arrayBuffer())
  const config = objectOf(bytes.toString())
  const diffIds = textsAt(objectAt(config, 'rootfs'), 'diff_ids')
  const layers = Array.isArray(document['layers']) ? document['layers'].filter(isObject) : []
  const present = await Promise.all(layers.map((layer) => has(host, repository, textAt(layer, 'digest'), auth)))
  const content: ImageContent = {
    spec: { created: textAt(config, 'created') || undefined },
    manifest,
    config: { mediaType: textAt(target, 'mediaType'), digest, size: bytes.length, bytes },
    layers: layers.map((layer, i) => ({
      mediaType: textAt(layer, 'mediaType'),
      digest: textAt(layer, 'digest'),
      size: Number(layer['size']),
      bytes: undefined,
      diffId: diffIds[i] ?? textAt(layer, 'digest'),
      unpacked: Number(layer['size']),
    })),
    platform: { os: textAt(config, 'os') || 'linux', architecture: textAt(config, 'architecture') || 'amd64' },
  }
  return { content, broken: present.includes(false) }
}

async function has(host: string, repository: string, digest: string, auth: PullAuth | undefined): Promise<boolean> {
  try {
    await ask(host, `${repository}/blobs/${digest}`, repository, auth, 'HEAD')
    return true
  } catch (error) {
    if (error instanceof PullRefused && error.why === 'no-manifest') return false
    throw error
  }
}

async function ask(
  host: string,
  path: string,
  repository: string,
  auth: PullAuth | undefined,
  method = 'GET',
  authorization = basic(auth),
): Promise<Response> {
  let answer: Response
  try {
    answer = await fetch(`http://${host}/v2/${path}`, {
      method,
      headers: { Accept: ACCEPT, ...(authorization === undefined ? {} : { Authorization: authorization }) },
    })
  } catch {
    throw new PullRefused('unreachable')
  }
  if (answer.ok) return answer
  await answer.arrayBuffer()
  const challenge = answer.headers.get('www-authenticate') ?? ''
  if (answer.status === 401 && /^bearer /i.test(challenge) && authorization?.startsWith('Bearer ') !== true)
    return ask(host, path, repository, auth, method, await bearer(challenge, repository, auth))
  if (answer.status === 401) throw new PullRefused(auth === undefined ? 'no-credentials' : 'bad-credentials')
  if (answer.status === 403) throw new PullRefused('denied')
  if (answer.status === 404) throw new PullRefused('no-manifest')
  throw new PullRefused(answer.status === 429 ? 'rate-limited' : 'unavailable')
}

async function bearer(challenge: string, repository: string, auth: PullAuth | undefined): Promise<string> {
  if (auth?.registrytoken !== undefined) return `Bearer ${auth.registrytoken}`
  const field = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? ''
  const url = new URL(field('realm'))
  url.searchParams.set('service', field('service'))
  url.searchParams.set('scope', `repository:${repository}:pull`)
  const authorization = basic(auth)
  const answer = await fetch(url, { headers: authorization === undefined ? {} : { Authorization: authorization } })
  if (!answer.ok) throw new PullRefused(auth === undefined ? 'no-credentials' : 'bad-credentials')
  return `Bearer ${textAt(objectOf(await answer.text()), 'token')}`
}

function basic(auth: PullAuth | undefined): string | undefined {
  if (auth?.username === undefined) return undefined
  return `Basic ${Buffer.from(`${auth.username}:${auth.password ?? ''}`).toString('base64')}`
}

function objectOf(text: string): JsonObject {
  const value = parseJson(text)
  return isObject(value) ? value : {}
}
