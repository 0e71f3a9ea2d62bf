import type { RemoveOptions } from '../backend.ts'
import type { DockerContext } from './context.ts'
import { findContainers } from './find.ts'
import { forceRemove } from './force-remove.ts'
import { removeVolumes } from './volumes.ts'

/** Removes every container of a workspace. None is a success; one that is left is an error. */
export async function stopDocker(context: DockerContext, id: string, signal?: AbortSignal): Promise<void> {
  for (const view of await findContainers(context, id, signal))
    await forceRemove(context, { id: view.Id, name: view.Name.replace(/^\//, '') }, signal)
}

/** The same and, only after that, its volumes. */
export async function removeDocker(context: DockerContext, id: string, options: RemoveOptions = {}): Promise<void> {
  await stopDocker(context, id, options.signal)
  await removeVolumes(context, id, options)
}
