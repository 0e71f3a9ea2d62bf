import { WorkspaceError, isNotFound, messageOf } from '../../base/errors.ts'
import type { Volume } from '../../engine/schema/volumes.ts'
import { INSTANCE_LABEL, RESET_LABEL, WORKSPACE_LABEL, workspaceLabels } from '../labels.ts'
import { isLegacyKey, legacyNames, workspaceNames } from '../names.ts'
import type { Workspace } from '../workspace.ts'
import type { DockerContext } from './context.ts'
import { sessionPath, workspaceMount, type VolumeNames } from './mounts.ts'

type Kind = 'configs' | 'sessions'

/** The volumes of a workspace that are there: under its own name, and under the older one. */
export async function findVolumes(
  context: DockerContext,
  id: string,
  kind: Kind,
  signal?: AbortSignal,
): Promise<Volume[]> {
  const found: Volume[] = []
  for (const name of new Set([workspaceNames(id)[kind], legacyNames(id)[kind]])) {
    const volume = await inspectVolume(context, name, signal)
    if (volume !== undefined && isOwnVolume(context, volume, id)) found.push(volume)
  }
  return found
}

async function inspectVolume(
  { engine }: DockerContext,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Volume | undefined> {
  try {
    return await engine.volumes.inspect(name, { signal })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

// Older platforms did not write whose it is; then its name must do.
function isOwnVolume({ settings }: DockerContext, { Labels }: Volume, id: string): boolean {
  const owner = Labels[WORKSPACE_LABEL]
  const instance = Labels[INSTANCE_LABEL]
  const isOwner = owner === undefined || owner === id || (isLegacyKey(id) && owner.startsWith(id))
  return isOwner && (instance === undefined || instance === settings.instance)
}

/** Makes the volumes that a workspace mounts; the ones that are there already are kept. No container may use them yet. */
export async function prepareVolumes(
  context: DockerContext,
  workspace: Workspace,
  signal?: AbortSignal,
): Promise<VolumeNames> {
  const { id } = workspace
  const names = workspaceNames(id)
  const configs = (await findVolumes(context, id, 'configs', signal))[0]?.Name ?? names.configs
  await create(context, id, configs, {}, signal)
  if (workspaceMount(workspace, names.data).Type === 'volume') await create(context, id, names.data, {}, signal)
  const sessions =
    sessionPath(workspace.runtime) === undefined ? undefined : await prepareSessions(context, workspace, signal)
  return { configs, data: names.data, sessions }
}

async function prepareSessions(context: DockerContext, workspace: Workspace, signal?: AbortSignal): Promise<string> {
  const { id } = workspace
  const [found] = await findVolumes(context, id, 'sessions', signal)
  const wish = resetWish(workspace)
  const due = workspace.resetSession === true || (wish !== undefined && found?.Labels[RESET_LABEL] !== wish)
  if (found !== undefined && due) await removeVolume(context, found.Name, signal)
  const name = found?.Name ?? workspaceNames(id).sessions
  await create(context, id, name, wish === undefined ? {} : { [RESET_LABEL]: wish }, signal)
  return name
}

/**
 * The wish for a reset in the workspace's environment. It stays there for ever, so the volume that it led to bears it,
 * and only another value leads to the next reset.
 */
export function resetWish({ env = {} }: Pick<Workspace, 'env'>): string | undefined {
  const value = Object.hasOwn(env, 'WORKSPACE_RESET_SESSION') ? env['WORKSPACE_RESET_SESSION'] : undefined
  return value !== undefined && /^(?:1|t|true)$/i.test(value) ? value : undefined
}

async function create(
  { engine, settings }: DockerContext,
  id: string,
  name: string,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await engine.volumes.create(
      { Name: name, Labels: { ...workspaceLabels(id, settings.instance), ...labels } },
      { signal },
    )
  } catch (error) {
    signal?.throwIfAborted()
    throw new WorkspaceError('CREATE_FAILED', `failed to create volume ${name}: ${messageOf(error)}`, { cause: error })
  }
}

/** Removes a volume; one that is gone is a success. @throws ApiError `CONFLICT` while a container uses it */
export async function removeVolume({ engine }: DockerContext, name: string, signal?: AbortSignal): Promise<void> {
  try {
    await engine.volumes.remove(name, { force: true }, { signal })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

/**
 * Removes what a workspace kept: config and sessions, and its data when told to. One that cannot be removed does not
 * keep the others.
 *
 * @throws WorkspaceError naming every volume that is left
 */
export async function removeVolumes(
  context: DockerContext,
  id: string,
  options: { readonly data?: boolean | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { signal } = options
  const found = [
    ...(await findVolumes(context, id, 'configs', signal)),
    ...(await findVolumes(context, id, 'sessions', signal)),
  ]
  const names = found.map(({ Name }) => Name)
  const left: string[] = []
  let first: unknown
  for (const name of options.data === true ? [...names, workspaceNames(id).data] : names) {
    try {
      await removeVolume(context, name, signal)
    } catch (error) {
      first ??= error
      left.push(`${name}: ${messageOf(error)}`)
    }
  }
  if (left.length === 0) return
  throw new WorkspaceError('CONFLICT', `volumes of workspace ${id} are left: ${left.join('; ')}`, { cause: first })
}
