import type { ContainerSummary } from '../../engine/schema/containers.ts'
import { ownName } from '../../refresh/selection.ts'
import { WORKSPACE_PREFIX } from '../../refresh/target.ts'
import type { Found } from '../backend.ts'
import { INSTANCE_LABEL, MANAGED_LABEL, WORKSPACE_LABEL } from '../labels.ts'
import { keyOfContainer, keyOfVolume } from '../names.ts'
import type { DockerContext } from './context.ts'

const MARKED = [`${MANAGED_LABEL}=true`]

/** Containers that are called like those of workspaces. The engine's name filter finds `news-…` too. */
export async function namedContainers({ engine }: DockerContext, signal?: AbortSignal): Promise<Found[]> {
  const filters = { name: [WORKSPACE_PREFIX] }
  return (await engine.containers.list({ all: true, filters }, { signal })).flatMap(toFound)
}

/** Containers that bear the mark of a platform. */
export async function labelledContainers({ engine }: DockerContext, signal?: AbortSignal): Promise<Found[]> {
  return (await engine.containers.list({ all: true, filters: { label: MARKED } }, { signal })).flatMap(toFound)
}

function toFound(container: ContainerSummary): Found[] {
  const name = ownName(container)
  const key = name === undefined ? undefined : keyOfContainer(name)
  if (name === undefined || key === undefined) return []
  const { Labels, Created } = container
  return [{ key: Labels[WORKSPACE_LABEL] ?? key, name, instance: Labels[INSTANCE_LABEL], createdAt: Created * 1000 }]
}

/** Marked config and session volumes whose workspace has no container. */
export async function unusedVolumes(context: DockerContext, signal?: AbortSignal): Promise<Found[]> {
  const { engine } = context
  const { Volumes } = await engine.volumes.list({ filters: { label: MARKED } }, { signal })
  const used = new Set((await namedContainers(context, signal)).flatMap(({ key, name }) => [key, keyOfContainer(name)]))
  return Volumes.flatMap(({ Name, Labels, CreatedAt = '' }) => {
    const short = keyOfVolume(Name)
    if (short === undefined) return []
    const key = Labels[WORKSPACE_LABEL] ?? short
    if (used.has(key) || used.has(short)) return []
    const createdAt = Date.parse(CreatedAt)
    // A volume that does not tell its age is as young as can be.
    return [{ key, name: Name, instance: Labels[INSTANCE_LABEL], createdAt: createdAt > 0 ? createdAt : Infinity }]
  })
}
