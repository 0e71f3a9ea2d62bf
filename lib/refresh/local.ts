import { isNotFound } from '../base/errors.ts'
import { objectAt, textAt } from '../base/json.ts'
import { formatReference, type Reference } from '../base/reference.ts'
import type { ImageInspect } from '../engine/schema/images.ts'
import type { RemoteDigest } from '../registry/digest.ts'
import type { Candidate } from './candidates.ts'
import type { RefreshEngine } from './container.ts'
import { digestsOf } from './image-digests.ts'
import { quarantineOf, type Quarantine } from './quarantine.ts'

/** An image of the engine, with the digests under which the repository of a reference knows it. */
export interface LocalImage {
  readonly id: string
  readonly digests: readonly string[]
}

/** A container of a reference, and what it runs. */
export interface User {
  readonly candidate: Candidate
  readonly digests: readonly string[]
  /** Digest of the platform's manifest, where the engine tells. */
  readonly manifest: string
}

/** What of a reference is on the engine: the image that it names there, and the containers made from it. */
export interface Local {
  readonly ref: Reference
  readonly image: LocalImage | undefined
  /** Whether that image failed before. */
  readonly quarantine: Quarantine
  readonly users: readonly User[]
}

/** Reads what of references is on an engine, each image once. */
export type LocalReader = (ref: Reference) => Promise<Local>

/** A reader with a memory: make a new one for each look. */
export function localReader({ images }: Pick<RefreshEngine, 'images'>, candidates: readonly Candidate[]): LocalReader {
  const byName = new Map<string, Candidate[]>()
  for (const candidate of candidates) {
    if (candidate.ref === undefined) continue
    const name = formatReference(candidate.ref)
    byName.set(name, [...(byName.get(name) ?? []), candidate])
  }
  const inspected = new Map<string, Promise<ImageInspect | undefined>>()
  const inspect = (name: string): Promise<ImageInspect | undefined> => {
    const known = inspected.get(name)
    if (known !== undefined) return known
    const asked = images.inspect(name).catch(absentAsUndefined)
    inspected.set(name, asked)
    return asked
  }
  return async (ref) => {
    const name = formatReference(ref)
    const named = await inspect(name)
    const users = (byName.get(name) ?? []).map(async (candidate): Promise<User> => {
      const { Image } = candidate.seen.view
      // With the containerd store the id is itself the digest that was pulled, and stays when its names are gone.
      return {
        candidate,
        digests: [Image, ...digestsOf(await inspect(Image), ref)],
        manifest: manifestOf(candidate),
      }
    })
    return {
      ref,
      image: named === undefined ? undefined : { id: named.Id, digests: digestsOf(named, ref) },
      quarantine: quarantineOf(named, ref),
      users: await Promise.all(users),
    }
  }
}

/** Digest of the platform's manifest that a container runs, else empty: the containerd store tells from API 1.48 on. */
export function manifestOf({ seen }: Candidate): string {
  return textAt(objectAt(seen.raw, 'ImageManifestDescriptor'), 'digest')
}

/**
 * True when the container runs what the registry has: under that digest, or a manifest that is in the index still. Which
 * entry of an index is the engine's is for the engine to say.
 */
export function runs({ digests, manifest }: User, { digest, platformDigest, manifests = [] }: RemoteDigest): boolean {
  return digests.includes(digest) || (manifest !== '' && [platformDigest, ...manifests].includes(manifest))
}

/** The digests that need no look inside: all that is here of the reference runs them. */
export function settledDigests({ image, users }: Local): string[] {
  const [first = [], ...others] = users.length === 0 ? [image?.digests ?? []] : users.map(({ digests }) => digests)
  return first.filter((digest) => others.every((digests) => digests.includes(digest)))
}

function absentAsUndefined(error: unknown): undefined {
  if (!isNotFound(error)) throw error
}
