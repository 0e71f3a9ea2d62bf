import { posix } from 'node:path'

import { packTar, unpackTar } from 'modern-tar'

import type { Container } from './container.ts'
import { entriesBelow, listFolder, placeOf, readFile, STANDARD, standardFile } from './filesystem.ts'
import { refuse } from './refusal.ts'
import { goTime, now, type World } from './world.ts'

const DIRECTORY = 0x8000_0000 + 0o755

function exists(world: World, container: Container, path: string): boolean {
  if (entriesBelow(world, container, path).length > 0) return true
  if (world.profile.family === 'podman' && isInterface(container, path)) return true
  return standardFile(container, path) !== undefined || listFolder(world, container, path) !== undefined
}

// podman looks from inside of one that runs, and so at its `/sys`.
function isInterface({ status, endpoints }: Container, path: string): boolean {
  const [, index] = /^\/sys\/class\/net\/eth(\d+)$/.exec(path) ?? []
  return status === 'running' && index !== undefined && Number(index) < endpoints.size
}

/** Checks the path of an archive call. Gives it clean and absolute. */
export function archivePath(world: World, container: Container, path: string | null): string {
  if (path === null || path === '') return refuse(world.profile.words.noPath())
  const clean = posix.resolve('/', path)
  return exists(world, container, clean) ? clean : refuse(world.profile.words.noFile(path, container.name))
}

function fileAt(world: World, container: Container, path: string): Uint8Array | undefined {
  return readFile(world, container, path)
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
  const own = standardFile(container, path)
  const found = entriesBelow(world, container, path)
  const files = found.length === 0 && own !== undefined ? [[path, own] as const] : found
  const entries = files.map(([file, body]) => ({
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

/** `GET /containers/{id}/changes`: what was written, and the folders that changed with it. */
export function changesOf({ files }: Container): { Path: string; Kind: number }[] {
  const folders = new Map<string, number>()
  for (const path of files.keys())
    for (let folder = posix.dirname(path); folder !== '/'; folder = posix.dirname(folder))
      folders.set(folder, STANDARD.has(folder) ? 0 : 1)
  const written = [...files.keys()].map((Path) => ({ Path, Kind: 1 }))
  const all = [...Array.from(folders, ([Path, Kind]) => ({ Path, Kind })), ...written]
  return all.toSorted((a, b) => (a.Path < b.Path ? -1 : 1))
}
