import { isObject, parseJson, type JsonObject } from '../../base/json.ts'
import type { Reference } from '../../base/reference.ts'
import { atLeast } from '../../wire/version.ts'
import { filtersOf, hasLabels, isTrue, type Call } from './call.ts'
import { checkFilters, untilOf } from './filters.ts'
import { loadImages, saveImages } from './image-archive.ts'
import { pushReply, searchImages } from './image-push.ts'
import { imageContent } from '../registry/image.ts'
import type { PullAuth } from './image-source.ts'
import { removeImage } from './image-remove.ts'
import { badRule, needImage, storeImage, tagImage, tagsOf, tryParse, type StoredImage } from './image-store.ts'
import { imageHistory, imageInspect, imageSummary, libpodImage, repoTags } from './image-views.ts'
import { pruneImagesJson } from './prune.ts'
import { allTags, pull, resolve, type PullOrder } from './pull.ts'
import { refuse } from './refusal.ts'
import { empty, json, stream, type Reply } from './reply.ts'
import type { RouteTable } from './routes.ts'
import { now, type World } from './world.ts'

/** Images and `distribution`. */
export const imageRoutes: RouteTable = {
  'GET /images/json': (world, { query, version }) => {
    const filters = filtersOf(query)
    const { identityFrom } = world.profile
    if (
      identityFrom !== undefined &&
      atLeast(version, '1.54') &&
      isTrue(query.get('identity')) &&
      !isTrue(query.get('manifests'))
    )
      return refuse([400, 'conflicting options: identity requires manifests=1'])
    if (world.profile.family === 'docker') checkFilters(filters, IMAGE_FILTERS)
    const images = [...world.state.images.values()].filter((image) => fits(world, image, filters))
    return json(images.map((image) => narrowed(imageSummary(world, image), filters.get('reference'))))
  },
  'POST /images/create': createImage,
  'POST /images/prune': (world, call) => json(pruneImagesJson(world, call)),
  'GET /images/get': async (world, { query }) => saved(world, query.getAll('names')),
  'GET /images/{name}/get': async (world, _, name) => saved(world, [name]),
  'POST /images/load': async (world, { body }) => {
    const said = await loadImages(world, body)
    return {
      status: 200,
      body: { text: said.map((stream) => `${JSON.stringify({ stream })}\n`).join(''), type: 'application/json' },
    }
  },
  'POST /images/{name}/push': (world, { query }, name) => pushReply(world, name, query.get('tag') ?? ''),
  'GET /images/search': (world, { query }) => json(searchImages(world, query)),
  'GET /images/{name}/json': (world, { version }, name) => json(imageInspect(world, needImage(world, name), version)),
  'GET /images/{name}/attestations': (world, { version }, name) => json(attestations(world, name, version)),
  'GET /libpod/images/{name}/json': (world, _, name) => {
    if (world.profile.family !== 'podman') return refuse(world.profile.words.notFound())
    return json(libpodImage(needImage(world, name)))
  },
  'GET /images/{name}/history': (world, _, name) => json(imageHistory(world, needImage(world, name, 'tag'))),
  'POST /images/{name}/tag': (world, { query }, name) => {
    const image = needImage(world, name, 'tag')
    const tag = query.get('tag') ?? ''
    const repo = query.get('repo') ?? ''
    const podmanTag = world.profile.family === 'podman' ? ':latest' : ''
    tagImage(
      world,
      reference(world, tag === '' ? repo : `${repo}:${tag}`, 'tag', `${repo}${tag === '' ? podmanTag : `:${tag}`}`),
      image,
    )
    return empty(201)
  },
  'DELETE /images/{name}': (world, { query }, name) => json(removeImage(world, name, isTrue(query.get('force')))),
  'GET /distribution/{name}/json': async (world, call, name) => {
    if (world.profile.family === 'podman') return refuse(world.profile.words.notFound())
    const ref = reference(world, name, 'pull', name)
    const { target, images } = await resolve(world, orderOf(call, ref)).catch((error: unknown) => distribution(error))
    return json({
      Descriptor: { mediaType: target.mediaType, digest: target.digest, size: target.size },
      Platforms: images.map(({ platform }) => ({ ...platform })),
    })
  },
}

// Images of the model have none; what the store and the API version say to the question comes first.
function attestations(world: World, name: string, version: string): JsonObject[] {
  const { attestationsFrom: from, store, words } = world.profile
  if (from === undefined) return refuse(words.notFound())
  if (!atLeast(version, from))
    return refuse([400, `GET /images/{name:.*}/attestations requires minimum API version ${from}`])
  if (store === 'config') return refuse([501, 'the legacy image store does not support attestations'])
  needImage(world, name, 'tag')
  return []
}

const IMAGE_FILTERS = ['reference', 'dangling', 'label', 'before', 'since', 'until']

// With a filter for references an image shows those that fit.
function narrowed(summary: JsonObject, globs: readonly string[] | undefined): JsonObject {
  const tags = summary['RepoTags']
  if (globs === undefined || !Array.isArray(tags)) return summary
  return {
    ...summary,
    RepoTags: tags.filter((tag) => typeof tag === 'string' && globs.some((glob) => matches(tag, glob))),
  }
}

async function saved(world: World, names: readonly string[]): Promise<Reply> {
  const images = names.map((name) => needImage(world, name))
  return { status: 200, body: { bytes: await saveImages(world, images), type: 'application/x-tar' } }
}

// The same absence is told more shortly here.
function distribution(error: unknown): never {
  if (error instanceof Error && /manifest unknown|: not found$/.test(error.message))
    return refuse([404, 'manifest unknown: manifest unknown'])
  throw error
}

function fits(world: World, image: StoredImage, filters: ReadonlyMap<string, string[]>): boolean {
  return [...filters].every(([name, values]) => {
    switch (name) {
      case 'reference':
        return values.some((value) => repoTags(world, image).some((tag) => matches(tag, value)))
      case 'dangling':
        return isTrue(values[0] ?? null) === (tagsOf(world, image.id).length === 0)
      case 'label':
        return hasLabels(isObject(image.config['Labels']) ? image.config['Labels'] : null, values)
      case 'before':
        return Date.parse(image.created) < Date.parse(needImage(world, values[0] ?? '').created)
      case 'since':
        return Date.parse(image.created) > Date.parse(needImage(world, values[0] ?? '').created)
      case 'until':
        return Date.parse(image.created) < untilOf(filters, now(world))
      default:
        return true
    }
  })
}

// A glob over the name with or without its tag; `*` does not cross a slash.
function matches(tag: string, glob: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
  return new RegExp(`^${pattern}$`).test(tag) || new RegExp(`^${pattern}$`).test(tag.replace(/:[^/:]*$/, ''))
}

/** `POST /images/create`: a pull, of every tag when none is named; without a name an import. */
async function createImage(world: World, call: Call): Promise<Reply> {
  const { query } = call
  const name = query.get('fromImage') ?? ''
  const tag = query.get('tag') ?? ''
  const podman = world.profile.family === 'podman'
  if (name === '') return importImage(world, call)
  const named = podman && tag !== '' ? `${name}${tag.includes(':') ? '@' : ':'}${tag}` : name
  const ref = reference(world, named, 'pull', podman ? named : `${name}:${tag}`)
  if (tag === '' && isNameOnly(name) && !podman) {
    const tags = await allTags(world, ref, authOf(call))
    return stream(
      await pull(
        world,
        tags.map((each) => orderOf(call, { ...ref, tag: each, digest: undefined })),
      ),
    )
  }
  const whole =
    tag === '' ? ref : tag.includes(':') ? { ...ref, tag: undefined, digest: tag } : { ...ref, tag, digest: undefined }
  return stream(await pull(world, [orderOf(call, whole)]))
}

// An address would be fetched by the engine, whoever asks for it; the model has no network to fetch it from.
function importImage(world: World, { query, body }: Call): Reply {
  const source = query.get('fromSrc') ?? ''
  if (world.profile.family === 'podman' && source === '') return refuse([405, 'Method Not Allowed\n'])
  if (source === '') return refuse([500, 'Get "http:": http: no Host in request URL'])
  if (source !== '-')
    return refuse([500, `Get "${source}": dial tcp: lookup ${URL.parse(source)?.hostname ?? ''}: no such host`])
  const repo = query.get('repo') ?? ''
  const name = `${repo}:${query.get('tag') || 'latest'}`
  const content = imageContent({ layers: [body] })
  const { image } = storeImage(world, reference(world, name, 'pull', name), content, content.manifest)
  return json({ status: image.id })
}

function isNameOnly(name: string): boolean {
  return !name.includes('@') && !/:[^/]*$/.test(name)
}

function reference(world: World, text: string, use: 'tag' | 'pull', told: string): Reference {
  return tryParse(text) ?? refuse(world.profile.words.badReference(told, badRule(told), use))
}

function orderOf(call: Call, ref: Reference): PullOrder {
  const [os, architecture] = (call.query.get('platform') ?? '').split('/')
  return { ref, auth: authOf(call), platform: { os: os || 'linux', architecture: architecture || 'amd64' } }
}

/**
 * The credential of a call. It is base64url with padding or nothing: what cannot be decoded is dropped in silence, and
 * the pull goes on without a login (moby daemon/server/router/image).
 */
function authOf({ headers }: Call): PullAuth | undefined {
  const text = headers['x-registry-auth'] ?? ''
  if (text === '' || text.length % 4 !== 0 || !/^[A-Za-z0-9_-]*={0,2}$/.test(text)) return undefined
  try {
    const value = parseJson(Buffer.from(text, 'base64url').toString('utf8'))
    return isObject(value) && Object.keys(value).length > 0 ? fields(value) : undefined
  } catch {
    return undefined
  }
}

function fields(value: JsonObject): PullAuth {
  const field = (key: string): string | undefined => (typeof value[key] === 'string' ? value[key] : undefined)
  return {
    username: field('username'),
    password: field('password'),
    identitytoken: field('identitytoken'),
    registrytoken: field('registrytoken'),
    serveraddress: field('serveraddress'),
  }
}
