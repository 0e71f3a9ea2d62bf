import { posix } from 'node:path'

import { packTar, unpackTar } from 'modern-tar'

import type { Container } from './container.ts'
import { refuse } from './refusal.ts'
import { goTime, now, type World } from './world.ts'

const DIRECTORY = 0x8000_0000 + 0o755

/** What the archive calls see: files that they wrote before, and the folders of these. */
function entriesBelow({ files }: Container, path: string): [string, Uint8Array][] {
  const prefix = path === '/' ? '/' : `${path}/`
  return [...files].filter(([file]) => file === path || file.startsWith(prefix))
}

function exists(container: Container, path: string): boolean {
  return path === '/' || STANDARD.has(path) || entriesBelow(container, path).length > 0
}

const STANDARD: ReadonlySet<string> = new Set(['/bin', '/etc', '/tmp', '/usr', '/var'])

/** Checks the path of an archive call. Gives it clean and absolute. */
export function archivePath(world: World, container: Container, path: string | null): string {
  if (path === null || path === '') return refuse(world.profile.words.noPath())
  const clean = posix.resolve('/', path)
  return exists(container, clean) ? clean : refuse(world.profile.words.noFile(path, container.name))
}

/** The value of `X-Docker-Container-Path-Stat`. */
export function pathStat(world: World, container: Container, path: string): string {
  const file = container.files.get(path)
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
export async function readArchive(container: Container, path: string): Promise<Uint8Array> {
  const parent = posix.dirname(path)
  const name = (file: string): string => posix.relative(parent, file)
  const entries = entriesBelow(container, path).map(([file, body]) => ({
    header: { name: name(file), size: body.length, mode: 0o644 },
    body,
  }))
  const folder = container.files.has(path)
    ? []
    : [{ header: { name: `${name(path) || '.'}/`, size: 0, type: 'directory' as const } }]
  return packTar([...folder, ...entries])
}

/** Unpacks a tar into a folder. */
export async function writeArchive(container: Container, path: string, tar: Uint8Array): Promise<void> {
  let entries: Awaited<ReturnType<typeof unpackTar>>
  try {
    entries = await unpackTar(tar)
  } catch {
    return refuse([400, 'unexpected EOF'])
  }
  for (const { header, data } of entries) {
    if (header.type === 'directory' || data === undefined) continue
    container.files.set(posix.resolve(path, header.name), data)
  }
}
