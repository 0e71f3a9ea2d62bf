import { WorkspaceError, isNotFound } from '../../base/errors.ts'
import type { ContainerInspect } from '../../engine/schema/container-inspect.ts'
import { INSTANCE_LABEL, WORKSPACE_LABEL } from '../labels.ts'
import { isLegacyKey, legacyNames, workspaceNames } from '../names.ts'
import type { DockerContext } from './context.ts'

/** Names under which a workspace's container may be: its own first, then the one of older platforms. */
export function containerNames(id: string): string[] {
  return [...new Set([workspaceNames(id).container, legacyNames(id).container])]
}

/** The container of a workspace, by its own name or the older one; `undefined` when there is none. */
export async function findContainer(
  context: DockerContext,
  id: string,
  signal?: AbortSignal,
): Promise<ContainerInspect | undefined> {
  return (await findContainers(context, id, signal))[0]
}

/**
 * Every container of a workspace: there may be one of each name. Another's container under an older, shortened name is
 * passed by; under the whole name it stands in the way.
 *
 * @throws WorkspaceError `CONFLICT` for a container of that name which is not the workspace's
 */
export async function findContainers(
  context: DockerContext,
  id: string,
  signal?: AbortSignal,
): Promise<ContainerInspect[]> {
  const found: ContainerInspect[] = []
  for (const [i, name] of containerNames(id).entries()) {
    const view = await inspect(context, name, signal)
    if (view === undefined) continue
    if (isOwn(view, id, context.settings.instance)) found.push(view)
    else if (i === 0)
      throw new WorkspaceError(
        'CONFLICT',
        `the container ${name} is not one of workspace ${id}${ownerHint(view)}: it is left alone`,
      )
  }
  return found
}

async function inspect(
  { engine }: DockerContext,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ContainerInspect | undefined> {
  try {
    return await engine.containers.inspect(name, {}, { signal })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Whose container it is, as its label tells, or its environment where older platforms made it. */
export function ownerOf({ Config }: Pick<ContainerInspect, 'Config'>): string | undefined {
  if (Object.hasOwn(Config.Labels, WORKSPACE_LABEL)) return Config.Labels[WORKSPACE_LABEL]
  const prefix = 'WORKSPACE_ID='
  return Config.Env.findLast((entry) => entry.startsWith(prefix))?.slice(prefix.length)
}

function isOwn(view: ContainerInspect, id: string, instance: string): boolean {
  const marked = view.Config.Labels[INSTANCE_LABEL]
  if (marked !== undefined && marked !== instance) return false
  const owner = ownerOf(view)
  return owner === id || (isLegacyKey(id) && owner?.startsWith(id) === true)
}

function ownerHint(view: ContainerInspect): string {
  const owner = ownerOf(view)
  if (owner === undefined) return ', for it names none'
  const marked = view.Config.Labels[INSTANCE_LABEL]
  return ` but of ${owner}${marked === undefined ? '' : ` of platform ${marked}`}`
}
