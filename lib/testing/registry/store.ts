import { InputError } from '../../base/errors.ts'
import {
  imageContent,
  indexContent,
  isIndexSpec,
  type Content,
  type ImageContent,
  type ImageSpec,
  type IndexSpec,
  type Manifest,
} from './image.ts'

/** What a registry holds, by repository. */
export interface Store {
  /** Points a tag at an image; with several it changes at every request, as behind two nodes that disagree. */
  publish(repository: string, tag: string, images: readonly (ImageSpec | IndexSpec)[]): string
  /** Forgets a tag; the manifest stays under its digest. */
  untag(repository: string, tag: string): void
  /** Loses a blob or manifest. */
  lose(digest: string): void
  manifest(repository: string, reference: string): Manifest | undefined
  blob(repository: string, digest: string): Content | undefined
  tags(repository: string): string[] | undefined
  repositories(): string[]
}

interface Repository {
  readonly tags: Map<string, { readonly manifests: readonly Manifest[]; asked: number }>
  readonly manifests: Map<string, Manifest>
  readonly blobs: Map<string, Content>
}

export function createStore(): Store {
  const repositories = new Map<string, Repository>()
  const lost = new Set<string>()

  const repositoryOf = (name: string): Repository => {
    const known = repositories.get(name)
    if (known !== undefined) return known
    const fresh: Repository = { tags: new Map(), manifests: new Map(), blobs: new Map() }
    repositories.set(name, fresh)
    return fresh
  }

  return {
    publish: (name, tag, specs) => {
      const repository = repositoryOf(name)
      const manifests = specs.map((spec) => add(repository, spec))
      const [first] = manifests
      if (first === undefined) throw new InputError('INPUT_INVALID', 'nothing to publish')
      repository.tags.set(tag, { manifests, asked: 0 })
      return first.digest
    },
    untag: (name, tag) => {
      repositories.get(name)?.tags.delete(tag)
    },
    lose: (digest) => {
      lost.add(digest)
    },
    manifest: (name, reference) => {
      const repository = repositories.get(name)
      const tag = repository?.tags.get(reference)
      const found =
        tag === undefined ? repository?.manifests.get(reference) : tag.manifests[tag.asked++ % tag.manifests.length]
      return found === undefined || lost.has(found.digest) ? undefined : found
    },
    blob: (name, digest) => (lost.has(digest) ? undefined : repositories.get(name)?.blobs.get(digest)),
    tags: (name) => {
      const repository = repositories.get(name)
      return repository === undefined ? undefined : [...repository.tags.keys()].toSorted()
    },
    repositories: () => [...repositories.keys()].toSorted(),
  }
}

function add(repository: Repository, spec: ImageSpec | IndexSpec): Manifest {
  if (!isIndexSpec(spec)) return addImage(repository, imageContent(spec))
  const { manifest, images } = indexContent(spec)
  for (const image of images) addImage(repository, image)
  repository.manifests.set(manifest.digest, manifest)
  return manifest
}

function addImage({ manifests, blobs }: Repository, { manifest, config, layers }: ImageContent): Manifest {
  for (const blob of [config, ...layers]) {
    if (blob.bytes === undefined)
      throw new InputError('INPUT_INVALID', `layer ${blob.digest} has no bytes: only the model engine can pull it`)
    blobs.set(blob.digest, blob)
  }
  manifests.set(manifest.digest, manifest)
  return manifest
}
