import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

import { WorkspaceError, isDockerError, messageOf } from '../../base/errors.ts'
import { isObject, parseJson, printJson, textAt } from '../../base/json.ts'
import type { Clock, Random } from '../../base/ports.ts'
import { systemClock, systemRandom } from '../../base/system.ts'
import { rowsStore, type Rows } from './rows.ts'
import { changed, newRow, type InstanceStore } from './store.ts'

export interface JsonFileOptions {
  readonly clock?: Pick<Clock, 'now'> | undefined
  readonly random?: Pick<Random, 'id'> | undefined
}

/**
 * Workspaces in a file of one process. It is always whole: a change is written beside it, brought to the disk, and then
 * takes its name. A file that cannot be read is an error and never an empty store.
 */
export function jsonFileStore(path: string, options: JsonFileOptions = {}): InstanceStore {
  const { clock = systemClock, random = systemRandom } = options
  let last: Promise<unknown> = Promise.resolve()

  // One after the other: each change is made to what the one before it left.
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const turn = last.then(task, task)
    last = turn.catch(() => {})
    return turn.catch((cause: unknown) => {
      throw isDockerError(cause) ? cause : unreadable(path, cause)
    })
  }
  return rowsStore(
    {
      read: () => inTurn(() => load(path)),
      write: (change) =>
        inTurn(async () => {
          const rows = await load(path)
          const result = change(rows)
          await replaceFile(path, `${path}.${random.id()}`, printJson({ workspaces: [...rows.values()] }, 2))
          return result
        }),
    },
    clock,
  )
}

async function load(path: string): Promise<Rows> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return new Map()
  const value = parseJson(text)
  const rows = isObject(value) && Array.isArray(value['workspaces']) ? value['workspaces'] : undefined
  if (rows === undefined) throw new Error('it has no list of workspaces')
  return new Map(
    rows.filter(isObject).map((row) => {
      const id = textAt(row, 'id')
      const { updatedAt, ...change } = row
      return [id, changed(newRow(id, 0), change, Number(updatedAt))]
    }),
  )
}

async function replaceFile(path: string, temporary: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  try {
    {
      await using file = await open(temporary, 'wx', 0o600)
      await file.writeFile(text)
      await file.sync()
    }
    await rename(temporary, path)
    await using directory = await open(dirname(path))
    await directory.sync()
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

function unreadable(path: string, cause: unknown): WorkspaceError {
  return new WorkspaceError('STORE_FAILED', `cannot use the workspace file ${path}: ${messageOf(cause)}`, { cause })
}
