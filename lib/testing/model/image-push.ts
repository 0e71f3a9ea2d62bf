import type { JsonObject, JsonValue } from '../../base/json.ts'
import { findImage, shown, tryParse } from './image-store.ts'
import { refuse } from './refusal.ts'
import type { Reply } from './reply.ts'
import type { World } from './world.ts'

/** `POST /images/{name}/push`: the registries of the model take it, and a pull brings it back. */
export function pushReply(world: World, name: string, tag: string): Reply {
  const text = tag === '' ? name : `${name}:${tag}`
  const ref = tryParse(text)
  const image = findImage(world, text)
  if (ref === undefined || image === undefined)
    return refuse([404, `An image does not exist locally with the tag: ${name}`])
  const id = (image.layers.at(-1)?.diffId ?? image.id).replace('sha256:', '').slice(0, 12)
  const lines: JsonObject[] = [
    { status: `The push refers to repository [${ref.registry ?? 'docker.io'}/${ref.repository}]` },
    { status: 'Pushed', progressDetail: {}, id },
    { status: `${ref.tag ?? 'latest'}: digest: ${image.manifest.digest} size: ${image.manifest.size}` },
    { progressDetail: {}, aux: { Tag: ref.tag ?? 'latest', Digest: image.manifest.digest, Size: image.manifest.size } },
  ]
  const content = world.contents.get(image.configDigest)
  if (content !== undefined) world.source.push?.(ref, content)
  return {
    status: 200,
    body: { text: lines.map((line) => `${JSON.stringify(line)}\n`).join(''), type: 'application/json' },
  }
}

/** `GET /images/search`: among the names that the engine has. */
export function searchImages(world: World, query: URLSearchParams): JsonValue {
  const term = query.get('term') ?? ''
  const names = new Set([...world.state.tags.keys()].map((tag) => shown(world, tag).replace(/:[^/:]*$/, '')))
  return [...names]
    .filter((name) => name.includes(term))
    .map((name) => ({ name, description: '', star_count: 0, is_official: !name.includes('/'), is_automated: false }))
}
