import { posix } from 'node:path'

import { packTar, unpackTar } from 'modern-tar'

import type { Container } from './container.ts'
import { refuse } from './refusal.ts'
import { goTime, now, type World } from './world.ts'

const DIRECTORY = 0x8000_0000 + 0o755

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
function placeOf(world: World, container: Container, path: string): { files: Map<string, Uint8Array>; key: string } {
  for (const { root, files } of volumesOf(world, container))
    if (path.startsWith(`${root}/`)) return { files, key: path.slice(root.length) }
  return { files: container.files, key: path }
}

/** What the archive calls see: files that they wrote before, and the folders of these. */
function entriesBelow(world: World, container: Container, path: string): [string, Uint8Array][] {
  const prefix = path === '/' ? '/' : `${path}/`
  const mounted = volumesOf(world, container).flatMap(({ root, files }) =>
    [...files].map(([key, data]): [string, Uint8Array] => [root + key, data]),
  )
  return [...container.files, ...mounted].filter(([file]) => file === path || file.startsWith(prefix))
}

function exists(world: World, container: Container, path: string): boolean {
  if (path === '/' || STANDARD.has(path) || entriesBelow(world, container, path).length > 0) return true
  return container.mounts.some(({ Destination }) => posix.normalize(Destination) === path)
}

const STANDARD: ReadonlySet<string> = new Set(['/bin', '/etc', '/tmp', '/usr', '/var'])

/** Checks the path of an archive call. Gives it clean and absolute. */
export function archivePath(world: World, container: Container, path: string | null): string {
  if (path === null || path === '') return refuse(world.profile.words.noPath())
  const clean = posix.resolve('/', path)
  return exists(world, container, clean) ? clean : refuse(world.profile.words.noFile(path, container.name))
}

function fileAt(world: World, container: Container, path: string): Uint8Array | undefined {
  const { files, key } = placeOf(world, container, path)
  return files.get(key)
}

/** The value of `X-Docker-Container-Path-Stat`. */
export function pathStat(world: World, container: Container, path: string): string {
  const file = fileAt(world, container, path)
  const stat = {
    name: posix.basename(path) || '/',
    size: file?.length ?? 4096,
    mode: file === undefined ? DIRECTORY : 0o644,
    mtime: goTime(now(world)),
    linkTarget: '',
  }
  return Buffer.from(JSON.stringify(stat)).toString('base64')
}

/** A file or a folder as a tar, its own name in front. */
export async function readArchive(world: World, container: Container, path: string): Promise<Uint8Array> {
  const parent = posix.dirname(path)
  const name = (file: string): string => posix.relative(parent, file)
  const entries = entriesBelow(world, container, path).map(([file, body]) => ({
    header: { name: name(file), size: body.length, mode: 0o644 },
    body,
  }))
  const folder =
    fileAt(world, container, path) !== undefined
      ? []
      : [{ header: { name: `${name(path) || '.'}/`, size: 0, type: 'directory' as const } }]
  return packTar([...folder, ...entries])
}

/** Unpacks a tar into a folder. */
export async function writeArchive(world: World, container: Container, path: string, tar: Uint8Array): Promise<void> {
  let entries: Awaited<ReturnType<typeof unpackTar>>
  try {
    entries = await unpackTar(tar)
  } catch {
    return refuse([400, 'unexpected EOF'])
  }
  for (const { header, data } of entries) {
    if (header.type === 'directory' || data === undefined) continue
    const { files, key } = placeOf(world, container, posix.resolve(path, header.name))
    files.set(key, data)
  }
}
