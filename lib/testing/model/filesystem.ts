import { posix } from 'node:path'

import { textAt } from '../../base/json.ts'
import type { Container } from './container.ts'
import type { World } from './world.ts'

/** Folders that every container has. */
export const STANDARD: ReadonlySet<string> = new Set(
  '/ /bin /dev /etc /home /proc /root /sbin /sys /tmp /usr /usr/bin /usr/sbin /var'.split(' '),
)

const FILES: Readonly<Record<string, string>> = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  '/etc/group': 'root:x:0:\nnobody:x:65534:\n',
  '/etc/hosts': '127.0.0.1\tlocalhost\n',
}

/** The files that come with every container, until they are overwritten. */
export function standardFile({ config }: Container, path: string): Uint8Array | undefined {
  if (path === '/etc/hostname') return Buffer.from(`${textAt(config, 'Hostname')}\n`)
  return Object.hasOwn(FILES, path) ? Buffer.from(FILES[path] as string) : undefined
}

export function readFile(world: World, container: Container, path: string): Uint8Array | undefined {
  const { files, key } = placeOf(world, container, path)
  return files.get(key) ?? (files === container.files ? standardFile(container, path) : undefined)
}

/** Writes a file; false where the container may not: on a read-only root or mount. */
export function writeFile(world: World, container: Container, path: string, data: Uint8Array): boolean {
  const mount = container.mounts.find(({ Destination }) => path.startsWith(`${posix.normalize(Destination)}/`))
  const { Tmpfs } = container.hostConfig as { Tmpfs?: Record<string, string> }
  const isTmpfs = Object.keys(Tmpfs ?? {}).some((root) => path.startsWith(`${root}/`))
  const readOnly = mount === undefined ? container.hostConfig['ReadonlyRootfs'] === true && !isTmpfs : !mount.RW
  if (readOnly && !path.startsWith('/dev/')) return false
  const { files, key } = placeOf(world, container, path)
  files.set(key, data)
  return true
}

export function removeFile(world: World, container: Container, path: string): boolean {
  const found = entriesBelow(world, container, path).map(([file]) => file)
  for (const file of found) {
    const { files, key } = placeOf(world, container, file)
    files.delete(key)
  }
  return found.length > 0
}

/** Names in a folder, sorted; `undefined` when there is no such folder. */
export function listFolder(world: World, container: Container, path: string): string[] | undefined {
  const prefix = path === '/' ? '/' : `${path}/`
  const below = [
    ...entriesBelow(world, container, path).map(([file]) => file),
    ...STANDARD,
    ...Object.keys(FILES),
    ...container.mounts.map(({ Destination }) => posix.normalize(Destination)),
  ].filter((file) => file.startsWith(prefix) && file !== prefix)
  if (below.length === 0 && !isFolder(container, path)) return undefined
  return [...new Set(below.map((file) => file.slice(prefix.length).split('/')[0] as string))].toSorted()
}

function isFolder({ mounts, hostConfig }: Container, path: string): boolean {
  const { Tmpfs } = hostConfig as { Tmpfs?: Record<string, string> }
  return (
    STANDARD.has(path) ||
    mounts.some(({ Destination }) => posix.normalize(Destination) === path) ||
    Object.hasOwn(Tmpfs ?? {}, path)
  )
}

/** The volumes that a container mounts, deepest first: what is in one hides what is below. */
function volumesOf(world: World, { mounts }: Container): { root: string; files: Map<string, Uint8Array> }[] {
  return mounts
    .flatMap(({ Name, Destination }) => {
      const volume = world.state.volumes.get(Name ?? '')
      return volume === undefined ? [] : [{ root: posix.normalize(Destination), files: volume.files }]
    })
    .toSorted((a, b) => b.root.length - a.root.length)
}

/** Where a path of a container is kept: in the volume that is mounted there, or in the container. */
export function placeOf(
  world: World,
  container: Container,
  path: string,
): { files: Map<string, Uint8Array>; key: string } {
  for (const { root, files } of volumesOf(world, container))
    if (path.startsWith(`${root}/`)) return { files, key: path.slice(root.length) }
  return { files: container.files, key: path }
}

/** What the archive calls see: files that they wrote before, and the folders of these. */
export function entriesBelow(world: World, container: Container, path: string): [string, Uint8Array][] {
  const prefix = path === '/' ? '/' : `${path}/`
  const mounted = volumesOf(world, container).flatMap(({ root, files }) =>
    [...files].map(([key, data]): [string, Uint8Array] => [root + key, data]),
  )
  return [...container.files, ...mounted].filter(([file]) => file === path || file.startsWith(prefix))
}
