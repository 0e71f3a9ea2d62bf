import { jsonAnswer, refused, type Answer } from './answer.ts'
import type { Store } from './store.ts'

const INDEX_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
])

/** The repository that a path of the Distribution API is about. */
export function repositoryIn(path: string): string | undefined {
  return /^\/v2\/(.+)\/(?:manifests|blobs|tags)\//.exec(path)?.[1]
}

/** Answers a read of the Distribution API, once it is allowed. */
export function readRegistry(store: Store, path: string, query: URLSearchParams, accept: string): Answer {
  if (path === '/v2/' || path === '/v2') return jsonAnswer({})
  if (path === '/v2/_catalog') return jsonAnswer({ repositories: store.repositories() })
  const [, name = '', kind = '', reference = ''] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/(.+)$/.exec(path) ?? []
  if (kind === 'manifests') return manifest(store, name, reference, accept)
  if (kind === 'blobs') return blob(store, name, reference)
  if (kind === 'tags' && reference === 'list') return tagList(store, name, query)
  return refused(404, 'UNSUPPORTED', 'no such path')
}

function manifest(store: Store, name: string, reference: string, accept: string): Answer {
  const found = store.manifest(name, reference)
  if (found === undefined) return refused(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
  const accepted = accept === '' || accept.includes('*/*') || accept.includes(found.mediaType)
  if (!accepted && INDEX_TYPES.has(found.mediaType))
    return refused(404, 'MANIFEST_UNKNOWN', 'OCI index found, but Accept header does not support OCI indexes')
  return {
    status: 200,
    headers: { 'Content-Type': found.mediaType, 'Docker-Content-Digest': found.digest },
    body: found.bytes,
  }
}

function blob(store: Store, name: string, digest: string): Answer {
  const bytes = store.blob(name, digest)?.bytes
  if (bytes === undefined) return refused(404, 'BLOB_UNKNOWN', 'blob unknown to registry')
  return {
    status: 200,
    headers: { 'Content-Type': 'application/octet-stream', 'Docker-Content-Digest': digest },
    body: bytes,
  }
}

// Pages of `n` tags, the next one behind `last`, which is told in `Link`.
function tagList(store: Store, name: string, query: URLSearchParams): Answer {
  const all = store.tags(name)
  if (all === undefined) return refused(404, 'NAME_UNKNOWN', 'repository name not known to registry')
  const last = query.get('last') ?? ''
  const after = all.filter((tag) => tag > last)
  const count = Number(query.get('n') ?? '0')
  const tags = count > 0 ? after.slice(0, count) : after
  const more = tags.length < after.length
  const link = `</v2/${name}/tags/list?n=${count}&last=${tags.at(-1)}>; rel="next"`
  return jsonAnswer({ name, tags }, 200, more ? { Link: link } : {})
}
