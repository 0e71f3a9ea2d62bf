import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

import { packTar } from 'modern-tar'

import type { ImageSpec } from '../../lib/testing/registry/image.ts'
import { imageContent } from '../../lib/testing/registry/image.ts'

/** The image of the suites: Debian's static busybox, the same for the model and for a real engine. */
export async function busyboxSpec(): Promise<ImageSpec> {
  const busybox = execFileSync('sh', ['-c', 'command -v /bin/busybox || command -v busybox'], {
    encoding: 'utf8',
  }).trim()
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n')
  const file = (name: string, body: string | Uint8Array, mode: number) => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    return { header: { name, size: bytes.length, mode, type: 'file' as const }, body: bytes }
  }
  const folder = (name: string) => ({ header: { name, size: 0, mode: 0o755, type: 'directory' as const } })
  const layer = await packTar([
    ...['bin/', 'etc/', 'root/', 'home/', 'tmp/', 'usr/', 'usr/bin/', 'usr/sbin/', 'sbin/', 'var/'].map(folder),
    file('bin/busybox', readFileSync(busybox), 0o755),
    ...applets
      .filter((name) => name !== 'busybox')
      .map((name) => ({ header: { name: `bin/${name}`, size: 0, type: 'symlink' as const, linkname: 'busybox' } })),
    file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n', 0o644),
    file('etc/group', 'root:x:0:\nnobody:x:65534:\n', 0o644),
  ])
  return {
    config: {
      Cmd: ['sh'],
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ExposedPorts: { '80/tcp': {} },
    },
    layers: [layer],
  }
}

/** The image as `docker load` takes it. */
export async function dockerArchive(spec: ImageSpec, tag: string): Promise<Uint8Array> {
  const { config, layers } = imageContent(spec)
  const name = `${config.digest.replace('sha256:', '')}.json`
  const manifest = JSON.stringify([{ Config: name, RepoTags: [tag], Layers: layers.map((_, i) => `${i}/layer.tar`) }])
  const entry = (path: string, body: Uint8Array) => ({ header: { name: path, size: body.length, mode: 0o644 }, body })
  return packTar([
    entry(name, config.bytes),
    ...(spec.layers ?? []).map((layer, i) => entry(`${i}/layer.tar`, layer as Uint8Array)),
    entry('manifest.json', Buffer.from(manifest)),
  ])
}
