import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { gzipSync } from 'node:zlib'

import type { LiveRegistry } from './registry.ts'

const APPLETS = [
  'sh',
  'sleep',
  'cat',
  'echo',
  'true',
  'false',
  'wget',
  'nc',
  'httpd',
  'ls',
  'env',
  'id',
  'test',
  'mkdir',
]
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'

/** Settings of an image, in the words of its config. */
export interface ImageSettings {
  readonly Cmd?: readonly string[]
  readonly Entrypoint?: readonly string[]
  readonly Env?: readonly string[]
  readonly Labels?: Readonly<Record<string, string>>
  readonly ExposedPorts?: Readonly<Record<string, object>>
  readonly Volumes?: Readonly<Record<string, object>>
  readonly Healthcheck?: object
  readonly [setting: string]: unknown
}

/** A layer of an image, packed, and the digest of what is in it. */
export interface Layer {
  readonly layer: Buffer
  readonly diffId: string
}

/** A program that runs until it is told to stop. */
export const FOREVER: readonly string[] = ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done']

/** Pushes an image of the machine's static busybox, made without any engine. Gives the digest of its manifest. */
export async function pushImage(
  registry: LiveRegistry,
  repository: string,
  tag: string,
  settings: ImageSettings,
  { layer, diffId }: Layer = busyboxLayer(),
): Promise<string> {
  const config = Buffer.from(
    JSON.stringify({
      architecture: { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch,
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      config: { Env: ['PATH=/bin'], ...settings },
      rootfs: { type: 'layers', diff_ids: [diffId] },
      history: [{ created: '2026-01-01T00:00:00Z', created_by: 'busybox' }],
    }),
  )
  const push = pusher(registry, repository)
  await push.blob(layer)
  await push.blob(config)
  return push.manifest(tag, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: {
      mediaType: 'application/vnd.docker.container.image.v1+json',
      size: config.length,
      digest: sha256(config),
    },
    layers: [
      { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: layer.length, digest: sha256(layer) },
    ],
  })
}

function pusher({ host, user, password }: LiveRegistry, repository: string) {
  const base = `http://${host}/v2/${repository}`
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const send = async (
    method: string,
    url: string,
    headers: Record<string, string> = {},
    body?: string | Uint8Array<ArrayBuffer>,
  ): Promise<Response> => {
    const response = await fetch(url, {
      method,
      headers: { authorization, ...headers },
      ...(body === undefined ? {} : { body }),
    })
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`)
    return response
  }
  return {
    blob: async (content: Buffer): Promise<void> => {
      const begun = await send('POST', `${base}/blobs/uploads/`)
      const url = new URL(begun.headers.get('location') as string, base)
      url.searchParams.set('digest', sha256(content))
      await send('PUT', url.href, { 'content-type': 'application/octet-stream' }, new Uint8Array(content))
    },
    manifest: async (tag: string, manifest: object): Promise<string> => {
      const response = await send(
        'PUT',
        `${base}/manifests/${tag}`,
        { 'content-type': MANIFEST },
        JSON.stringify(manifest),
      )
      return response.headers.get('docker-content-digest') as string
    },
  }
}

let made: Layer | undefined

function busyboxLayer(): Layer {
  if (made !== undefined) return made
  const root = mkdtempSync(join(tmpdir(), 'rootfs-'))
  try {
    mkdirSync(join(root, 'bin'))
    mkdirSync(join(root, 'tmp'), { mode: 0o1777 })
    copyFileSync(busybox(), join(root, 'bin/busybox'))
    for (const applet of APPLETS) symlinkSync('busybox', join(root, 'bin', applet))
    made = layerOf(root)
    return made
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** All that is in a folder, as the layer of an image. */
export function layerOf(root: string): Layer {
  const tar = execFileSync('tar', ['-C', root, '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '-c', '.'], {
    maxBuffer: 256 << 20,
  })
  return { layer: gzipSync(tar, { level: 1 }), diffId: sha256(tar) }
}

// Debian's busybox-static: the only program that runs in an empty image.
function busybox(): string {
  for (const dir of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      return realpathSync(join(dir, 'busybox'))
    } catch {
      // not in this one
    }
  }
  throw new Error('busybox is not installed: apt-get install busybox-static')
}

function sha256(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}
