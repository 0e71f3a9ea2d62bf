import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** A file or directory of a template. */
export interface TemplateEntry {
  /** Relative, with slashes. */
  readonly name: string
  readonly type: 'file' | 'directory' | 'other'
  /** Permission bits. */
  readonly mode: number
  /** Bytes. */
  readonly size: number
  /** Its content; opens no link that has come into its place. */
  read(): AsyncIterable<Uint8Array>
}

/** Reads the directories that workspaces are made from. */
export interface Templates {
  /** All entries below a directory, parents first; links and what is no file are `other`. */
  entries(directory: string): AsyncIterable<TemplateEntry>
  /** Whether there is a file of this name, itself and no link, in a directory. */
  hasFile(directory: string, name: string): Promise<boolean>
}

/** The templates on this machine's own disk. */
export const systemTemplates: Templates = { entries: (directory) => walk(directory, ''), hasFile }

async function* walk(root: string, below: string): AsyncGenerator<TemplateEntry, void, undefined> {
  const names = (await readdir(join(root, below))).toSorted()
  for (const name of names.map((entry) => (below === '' ? entry : `${below}/${entry}`))) {
    const stats = await lstat(join(root, name))
    const type = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other'
    yield { name, type, mode: stats.mode & 0o777, size: stats.size, read: () => read(join(root, name)) }
    if (type === 'directory') yield* walk(root, name)
  }
}

async function* read(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  yield* file.createReadStream({ autoClose: false })
}

async function hasFile(directory: string, name: string): Promise<boolean> {
  try {
    return (await lstat(join(directory, name))).isFile()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw error
  }
}
