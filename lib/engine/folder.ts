// Folders of this machine as files to pack.
import { constants, type Stats } from 'node:fs'
import { lstat, open, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { InputError, messageOf } from '../base/errors.ts'
import { ignoreRules, type IgnoreRules } from './dockerignore.ts'
import type { TarInput } from './tar.ts'

/** A folder of this machine. Nothing above it is read: links in it are packed as links. */
export interface FolderOptions {
  /** Leaves out what these say; default nothing. */
  readonly rules?: IgnoreRules | undefined
  /** Owners as they are here; default 0, as the docker CLI sends a context. */
  readonly owners?: boolean | undefined
}

const EVERYTHING: IgnoreRules = { ignores: () => false, hasExceptionsBelow: () => true }
const PERMISSIONS = 0o7777

/**
 * The files below a folder, directories before what is in them, by name. Sockets are left out.
 *
 * @throws InputError `INPUT_INVALID` where it is no folder, cannot be read, or holds a device or a pipe
 */
export async function* folderFiles(
  folder: string,
  { rules = EVERYTHING, owners = false }: FolderOptions = {},
): AsyncGenerator<TarInput, void, undefined> {
  const root = await rootOf(folder)
  yield* below('')

  async function* below(directory: string): AsyncGenerator<TarInput, void, undefined> {
    const names = await read(join(root, directory), (path) => readdir(path))
    for (const name of names.toSorted()) {
      const relative = directory === '' ? name : `${directory}/${name}`
      const path = join(root, relative)
      const isLeftOut = rules.ignores(relative)
      if (isLeftOut && !rules.hasExceptionsBelow(relative)) continue
      const found = await read(path, (place) => lstat(place))
      if (!isLeftOut) {
        const entry = await entryOf(relative, path, found)
        if (entry !== undefined) yield { ...entry, ...(owners ? { uid: found.uid, gid: found.gid } : {}) }
      }
      if (found.isDirectory()) yield* below(relative)
    }
  }
}

/** The files of a build context, without what its .dockerignore leaves out. */
export async function* contextFiles(folder: string, dockerfile: string): AsyncGenerator<TarInput, void, undefined> {
  const root = await rootOf(folder)
  const text = await readFile(join(root, '.dockerignore'), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw unreadable(join(folder, '.dockerignore'), error)
  })
  yield* folderFiles(root, { rules: await ignoreRules(text, dockerfile) })
}

async function rootOf(folder: string): Promise<string> {
  const root = await read(folder, (path) => realpath(path))
  if ((await read(root, (path) => stat(path))).isDirectory()) return root
  throw new InputError('INPUT_INVALID', `${folder} is no folder: give the folder, or the file as a list of files`)
}

async function entryOf(name: string, path: string, found: Stats): Promise<TarInput | undefined> {
  const mtime = new Date(Math.max(0, Math.floor(found.mtimeMs / 1000) * 1000))
  const mode = found.mode & PERMISSIONS
  if (found.isSymbolicLink()) return { name, target: await read(path, (link) => readlink(link)), mode: 0o777, mtime }
  if (found.isDirectory()) return { name: `${name}/`, mode, mtime }
  if (found.isFile()) return { name, content: contentOf(path, found.size), size: found.size, mode, mtime }
  if (found.isSocket()) return undefined
  throw new InputError(
    'INPUT_INVALID',
    `${path} is a device or a pipe, which cannot be packed: move it, or leave it out`,
  )
}

// Opened when it is reached. A link that took the place of the file meanwhile is not followed; a file that grows is packed
// up to the size that its header says, one that shrinks is an error of the packer.
async function* contentOf(path: string, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  if (size === 0) return
  const file = await read(path, (name) => open(name, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK))
  yield* file.createReadStream({ end: size - 1, highWaterMark: 256 << 10 })
}

async function read<T>(path: string, how: (path: string) => Promise<T>): Promise<T> {
  try {
    return await how(path)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

function unreadable(path: string, cause: unknown): InputError {
  return new InputError('INPUT_INVALID', `cannot read ${path}: ${messageOf(cause, 200)}`, { cause })
}
