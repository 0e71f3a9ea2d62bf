import { gzipSync } from 'node:zlib'

import { request } from 'undici'

import { INDEX_TYPE, MANIFEST_TYPE, sha256 } from '../../support/registry-server.ts'
import { trustingAgent, type LiveRegistry } from './registry.ts'
import { LOGIN } from './token-server.ts'

/** What was pushed: the digest of the index, and of the manifest for each platform. */
export interface Pushed {
  digest: string
  platforms: Readonly<Record<string, string>>
}

/** Pushes a tiny image for several platforms by the registry API: blobs, manifests, and an index with an attestation. */
export async function pushIndex(
  registry: LiveRegistry,
  repository: string,
  tag: string,
  ...platforms: string[]
): Promise<Pushed> {
  const authorization = await authorizationFor(registry, repository)
  const send = async (method: 'POST' | 'PUT', url: string, type: string, body: Buffer | string): Promise<string> => {
    const headers = { ...authorization, 'content-type': type }
    const reply = await request(url, { method, headers, body, dispatcher: trustingAgent })
    const text = await reply.body.text()
    if (reply.statusCode >= 300) throw new Error(`${method} ${url}: ${reply.statusCode} ${text}`)
    return String(reply.headers['location'] ?? '')
  }
  const base = `${registry.origin}/v2/${repository}`
  const pushBlob = async (bytes: Buffer): Promise<{ size: number; digest: string }> => {
    const upload = new URL(await send('POST', `${base}/blobs/uploads/`, 'application/octet-stream', ''), base)
    upload.searchParams.set('digest', sha256(bytes))
    await send('PUT', upload.href, 'application/octet-stream', bytes)
    return { size: bytes.length, digest: sha256(bytes) }
  }
  const pushManifest = async (name: string | undefined, type: string, value: object) => {
    const bytes = Buffer.from(JSON.stringify(value, null, 2))
    await send('PUT', `${base}/manifests/${name ?? sha256(bytes)}`, type, bytes)
    return { mediaType: type, size: bytes.length, digest: sha256(bytes) }
  }

  const tar = Buffer.alloc(1024) // an empty archive
  const layer = await pushBlob(gzipSync(tar))
  const manifests: { digest: string; platform: object }[] = []
  for (const platform of [...platforms, 'unknown/unknown']) {
    const [os, architecture, variant] = platform.split('/')
    const rootfs = { type: 'layers', diff_ids: [sha256(tar)] }
    const config = await pushBlob(Buffer.from(JSON.stringify({ os, architecture, variant, rootfs, config: {}, tag })))
    const pushed = await pushManifest(undefined, MANIFEST_TYPE, {
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...layer }],
    })
    manifests.push({ ...pushed, platform: { os, architecture, variant } })
  }
  const { digest } = await pushManifest(tag, INDEX_TYPE, { schemaVersion: 2, mediaType: INDEX_TYPE, manifests })
  return {
    digest,
    platforms: Object.fromEntries(platforms.map((platform, i) => [platform, manifests[i]?.digest ?? ''])),
  }
}

async function authorizationFor({ tokens }: LiveRegistry, repository: string): Promise<{ authorization: string }> {
  const basic = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')}`
  if (tokens === undefined) return { authorization: basic }
  const url = new URL(tokens.realm)
  url.searchParams.set('scope', `repository:${repository}:pull,push`)
  const { body } = await request(url, { headers: { authorization: basic }, dispatcher: trustingAgent })
  const { token } = (await body.json()) as { token: string }
  return { authorization: `Bearer ${token}` }
}
