import type { JsonObject } from '../../base/json.ts'
import { formatReference, parseReference, repositoryName } from '../../base/reference.ts'
import { isUp, named, type Container } from './container.ts'
import { emit } from './events.ts'
import { dropDigests, needImage, shown, tagsOf, tryParse, type StoredImage } from './image-store.ts'
import { refuse } from './refusal.ts'
import type { World } from './world.ts'

/** `DELETE /images/{name}`: the list of what went. A name goes alone while the image has others. */
export function removeImage(world: World, name: string, force: boolean): JsonObject[] {
  const image = needImage(world, name, 'tag')
  const tags = tagsOf(world, image.id)
  const byName = nameIn(tags, name)
  if (byName !== undefined && tags.length > 1) return untag(world, image, byName)
  const user = userOf(world, image)
  if (byName === undefined) {
    const repositories = new Set(tags.map((tag) => repositoryName(parseReference(tag))))
    if (repositories.size > 1 && !force) refuse(world.profile.words.imageShared(image.id))
    if (user !== undefined && (isUp(user) || !force))
      refuse(world.profile.words.imageIdUsed(image.id, named(user), isUp(user)))
  } else if (user !== undefined && !force) {
    refuse(world.profile.words.imageUsed(shown(world, byName), named(user), image.id))
  }
  const gone = tags.flatMap((tag) => untag(world, image, tag))
  // In use, the image stays without a name.
  if (user !== undefined) return gone
  for (const digest of image.digests) gone.push({ Untagged: shown(world, digest) })
  world.state.images.delete(image.id)
  emit(world, 'image', 'delete', image.id, { name: image.id })
  const deleted = { Deleted: world.profile.family === 'podman' ? image.id.replace('sha256:', '') : image.id }
  if (world.profile.family === 'podman') return [deleted, ...gone.filter(isTagged)]
  if (world.profile.store === 'manifest') return [...gone.filter(isTagged), deleted]
  return [...gone, deleted, ...image.layers.toReversed().map(({ diffId }) => ({ Deleted: diffId }))]
}

const isTagged = ({ Untagged }: JsonObject): boolean => typeof Untagged === 'string' && !Untagged.includes('@')

function nameIn(tags: readonly string[], name: string): string | undefined {
  const ref = tryParse(name)
  if (ref === undefined) return undefined
  const text = formatReference(ref)
  return tags.includes(text) ? text : undefined
}

function untag(world: World, image: StoredImage, tag: string): JsonObject[] {
  world.state.tags.delete(tag)
  emit(world, 'image', 'untag', image.id, { name: image.id })
  const untagged = { Untagged: shown(world, tag) }
  const digests = dropDigests(world, image, tag)
  if (world.profile.family === 'podman') return [untagged]
  if (world.profile.store === 'manifest') return [untagged]
  return [untagged, ...digests.map((digest) => ({ Untagged: shown(world, digest) }))]
}

/** A container made from the image, a running one first. */
function userOf(world: World, image: StoredImage): Container | undefined {
  const users = [...world.state.containers.values()].filter((container) => container.image === image.id)
  return users.find(isUp) ?? users[0]
}

/** Images without a name that no container uses. */
export function pruneImages(world: World, dangling: boolean, fits: (image: StoredImage) => boolean): JsonObject[] {
  return [...world.state.images.values()]
    .filter(fits)
    .filter((image) => userOf(world, image) === undefined)
    .filter((image) => tagsOf(world, image.id).length === 0 || !dangling)
    .flatMap((image) => removeImage(world, image.id, true))
}
