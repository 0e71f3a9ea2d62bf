import { posix } from 'node:path'

import { InputError, WorkspaceError, isNotFound, printable } from '../../base/errors.ts'
import { untar } from '../../engine/untar.ts'
import type { ReadOptions } from '../backend.ts'
import { containerId } from './console-output.ts'
import type { DockerContext } from './context.ts'
import { tokenFile } from './files.ts'
import { withHelper, type VolumeAccess } from './helper.ts'
import { findVolumes } from './volumes.ts'

const MAX_BYTES = 1 << 20
// Go's os.ModeDir, ModeSymlink and the other bits of what is no regular file.
const GO_MODE_TYPE = 0x8f280000

/** A file as the running agent sees it. A command's exit code tells, never its silence. */
export async function readFile(
  context: DockerContext,
  id: string,
  path: string,
  { maxBytes = MAX_BYTES, signal }: ReadOptions = {},
): Promise<string> {
  if (!posix.isAbsolute(path) || path.includes('\0'))
    throw new InputError('INPUT_INVALID', `not an absolute path: ${JSON.stringify(printable(path, 200))}`)
  const container = await containerId(context, id, signal)
  const command = { Cmd: ['cat', '--', path] }
  const { exitCode, stdout, stderr } = await context.engine.exec.run(container, command, { maxBytes }, { signal })
  if (exitCode === 0) return stdout
  throw new WorkspaceError(
    'NOT_FOUND',
    `cannot read ${path} of workspace ${id} (exit code ${exitCode}): ${printable(stderr || stdout, 500)}`,
  )
}

/** A file of the config volume; `undefined` for none, a directory or a link. */
export async function readConfig(
  context: DockerContext,
  id: string,
  path: string,
  { maxBytes = MAX_BYTES, signal }: ReadOptions = {},
): Promise<Uint8Array | undefined> {
  const name = configName(path)
  return inConfigs(context, id, signal, async ({ container, path: root }) => {
    if (!(await isFile(context, container, `${root}/${name}`, signal))) return undefined
    const archive = context.engine.containers.archive(container, { path: `${root}/${name}` }, { signal })
    for await (const entry of untar(archive, { links: 'refuse' })) {
      return entry.content.bytes({ maxBytes })
    }
    return undefined
  })
}

/** Whether the config volume has a file. Only an engine that said so makes it a no. */
export async function hasConfig(
  context: DockerContext,
  id: string,
  path: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const name = configName(path)
  const found = await inConfigs(context, id, signal, (access) =>
    isFile(context, access.container, `${access.path}/${name}`, signal),
  )
  return found === true
}

/** Puts a token into the config volume of a workspace that has one. @throws WorkspaceError `NOT_FOUND` */
export async function writeToken(
  context: DockerContext,
  id: string,
  token: string,
  signal?: AbortSignal,
): Promise<void> {
  const done = await inConfigs(context, id, signal, async ({ container, path }) => {
    await context.engine.containers.putArchive(container, { path }, [tokenFile(token)], { signal })
    return true
  })
  if (done === undefined) throw new WorkspaceError('NOT_FOUND', `workspace ${id} has no config volume`)
}

async function inConfigs<T>(
  context: DockerContext,
  id: string,
  signal: AbortSignal | undefined,
  use: (access: VolumeAccess) => Promise<T>,
): Promise<T | undefined> {
  const [volume] = await findVolumes(context, id, 'configs', signal)
  return volume === undefined ? undefined : withHelper(context, volume.Name, use, signal)
}

async function isFile(
  { engine }: DockerContext,
  container: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    const { mode } = await engine.containers.archiveInfo(container, { path }, { signal })
    return (mode & GO_MODE_TYPE) === 0
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

function configName(path: string): string {
  const name = posix.normalize(path)
  if (path !== '' && !posix.isAbsolute(name) && !name.startsWith('..') && !/[\0\\]/.test(name)) return name
  throw new InputError('INPUT_INVALID', `not a path below /configs: ${JSON.stringify(printable(path, 200))}`)
}
