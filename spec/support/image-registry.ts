// A registry over real HTTP that has whole images: manifests, configs, and layers to be asked for.
import {
  imageContent,
  indexContent,
  isIndexSpec,
  type ImageSpec,
  type IndexSpec,
} from '../../lib/testing/registry/image.ts'
import { serveRegistry, type Reply, type RegistryScript, type ScriptedServer } from './registry-server.ts'

export interface ImageRegistry extends AsyncDisposable {
  readonly host: string
  readonly server: ScriptedServer
  /** Pushes an image under `repository:tag`; gives its digest. */
  push(name: string, image: ImageSpec | IndexSpec): string
}

export async function serveImages(script: Omit<RegistryScript, 'images' | 'first'> = {}): Promise<ImageRegistry> {
  const images: Record<string, { type: string; body: string; digest: string }> = {}
  const blobs = new Map<string, Buffer>()
  const server = await serveRegistry({ ...script, images, first: ({ path }) => blobOf(blobs, path) })
  return {
    host: server.host,
    server,
    push: (name, image) => {
      const made = isIndexSpec(image) ? indexContent(image) : imageContent(image)
      const all = 'images' in made ? made.images : [made]
      const repository = name.replace(/:[^:/]*$/, '')
      for (const { manifest, config, layers } of all) {
        images[`${repository}:${manifest.digest}`] = entryOf(manifest)
        for (const { digest, bytes } of [config, ...layers]) blobs.set(digest, bytes ?? Buffer.alloc(0))
      }
      images[name] = entryOf(made.manifest)
      return made.manifest.digest
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function entryOf({ mediaType, bytes, digest }: { mediaType: string; bytes: Buffer; digest: string }) {
  return { type: mediaType, body: bytes.toString(), digest }
}

function blobOf(blobs: ReadonlyMap<string, Buffer>, path: string): Reply | undefined {
  const [, digest] = /\/blobs\/(.+)$/.exec(path) ?? []
  if (digest === undefined) return undefined
  const body = blobs.get(digest)
  return body === undefined ? { status: 404, body: '{}' } : { body }
}
