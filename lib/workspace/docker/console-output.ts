import { WorkspaceError } from '../../base/errors.ts'
import { CONSOLE_LIMIT } from '../backend.ts'
import type { DockerContext } from './context.ts'
import { findContainer } from './find.ts'

const TAIL = 2000

/** The end of what a workspace printed. @throws WorkspaceError `NOT_FOUND` when it has no container */
export async function dockerConsole(context: DockerContext, id: string, signal?: AbortSignal): Promise<string> {
  const container = await containerId(context, id, signal)
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const { data } of context.engine.containers.logs(container, { tail: TAIL }, { signal })) {
    pieces.push(data)
    size += data.length
    // What is kept is the end: whole pieces fall out at the beginning.
    while (size - (pieces[0]?.length ?? 0) >= CONSOLE_LIMIT) size -= pieces.shift()?.length ?? 0
  }
  const all = Buffer.concat(pieces)
  return all.subarray(Math.max(0, all.length - CONSOLE_LIMIT)).toString('utf8')
}

/** Id of a workspace's container. @throws WorkspaceError `NOT_FOUND` */
export async function containerId(context: DockerContext, id: string, signal?: AbortSignal): Promise<string> {
  const view = await findContainer(context, id, signal)
  if (view !== undefined) return view.Id
  throw new WorkspaceError('NOT_FOUND', `workspace ${id} has no container`)
}
