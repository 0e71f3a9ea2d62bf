import { TimeoutError, WorkspaceError, hasCode, isUncertain, messageOf } from '../../base/errors.ts'
import type { Started } from '../backend.ts'
import { CONFIG_FILE, hasConfigSource, noConfigSource } from '../config-source.ts'
import { containerEnv } from '../container-env.ts'
import { imageUnavailable, isImageMissing, workspaceImage } from '../image.ts'
import { workspaceNames } from '../names.ts'
import { checkWorkspace, type Workspace } from '../workspace.ts'
import type { DockerContext } from './context.ts'
import { createBody } from './create-body.ts'
import { ensureImage } from './ensure-image.ts'
import { findContainers } from './find.ts'
import { configFiles, type ConfigFiles } from './files.ts'
import { CONFIGS_PATH } from './mounts.ts'
import { enginePlatform } from './platform.ts'
import { resolveUrl } from './port.ts'
import { hasConfig } from './read.ts'
import { restartPolicy } from './restart-policy.ts'
import { stopDocker } from './stop.ts'
import { prepareVolumes, removeVolumes } from './volumes.ts'

const START_TIMEOUT = 3 * 60_000
const TIDY_TIMEOUT = 15_000
const LOOKS = 4
const PAUSE = 300

/**
 * Runs a workspace: image, then in the place of what ran before its volumes and container, its files copied into the
 * created container, and only then its start. The pull has a budget of its own. What fails after the container was made
 * takes it down again.
 */
export async function startDocker(context: DockerContext, workspace: Workspace, signal: AbortSignal): Promise<Started> {
  checkWorkspace(workspace)
  const { engine, env, host, settings, templates } = context
  const image = workspaceImage(workspace, env)
  const own = containerEnv(workspace)
  const setting = { image, entries: own.entries, restartPolicy: restartPolicy(env, settings.restartPolicy) }
  const platform = await enginePlatform(engine, env, host, signal)
  await ensureImage(context, image, platform, signal)

  using budget = deadline(workspace.id, settings.startTimeout ?? START_TIMEOUT, signal)
  const step = budget.signal
  await checkConfig(context, workspace, step)
  const files = await configFiles(workspace, templates)
  await refuseRemoved(context, workspace.id)
  await stopDocker(context, workspace.id, step)

  const made = await create(context, workspace, { ...setting, platform }, step)
  try {
    await copyFiles(context, made.id, files, step)
    await refuseRemoved(context, workspace.id)
    await run(context, made.id, step)
    await refuseRemoved(context, workspace.id)
    const url = await resolveUrl(context, made.id, made.name, step)
    step.throwIfAborted()
    return { url, instanceId: undefined, warnings: [...made.warnings, ...files.warnings, ...refusals(own.refused)] }
  } catch (error) {
    await takeDown(context, workspace.id, hasCode(error, 'WORKSPACE_REMOVED')).catch((left: unknown) => {
      context.log.warn('a failed start left something', { id: workspace.id, error: messageOf(left) })
    })
    throw error
  }
}

// By a time of its own: the caller's signal may be what ended the start, and the engine may be what hangs.
async function takeDown(context: DockerContext, id: string, withVolumes: boolean): Promise<void> {
  const signal = AbortSignal.timeout(TIDY_TIMEOUT)
  await stopDocker(context, id, signal)
  if (withVolumes) await removeVolumes(context, id, { signal })
}

// A restart brings no config: then its volume must have one, and an engine that cannot tell does not stand in the way.
async function checkConfig(context: DockerContext, workspace: Workspace, signal: AbortSignal): Promise<void> {
  if (await hasConfigSource(workspace, context.templates)) return
  const kept = await hasConfig(context, workspace.id, CONFIG_FILE, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    context.log.warn('cannot tell whether a workspace has a config', { id: workspace.id, error: messageOf(error) })
    return true
  })
  if (!kept) throw noConfigSource(workspace.id)
}

async function refuseRemoved({ settings }: DockerContext, id: string): Promise<void> {
  if ((await settings.isRemoved?.(id)) !== true) return
  throw new WorkspaceError('WORKSPACE_REMOVED', `workspace ${id} was removed while it was being started`)
}

interface Made {
  readonly id: string
  readonly name: string
  readonly warnings: readonly string[]
}

async function create(
  context: DockerContext,
  workspace: Workspace,
  setting: { image: string; entries: readonly string[]; restartPolicy: string; platform: string | undefined },
  signal: AbortSignal,
): Promise<Made> {
  const { engine, env } = context
  const { network, instance } = context.settings
  const { image, platform } = setting
  const volumes = await prepareVolumes(context, workspace, signal)
  const name = workspaceNames(workspace.id).container
  const body = createBody(workspace, { ...setting, container: name, volumes, network, instance, env })
  try {
    const { Id, Warnings } = await engine.containers.create(body, { name, platform }, { signal })
    return { id: Id, name, warnings: Warnings }
  } catch (error) {
    // The reply may be lost, and the container there in a moment.
    if (isUncertain(error) || signal.aborted) await reap(context, workspace.id)
    signal.throwIfAborted()
    if (isImageMissing(error)) throw imageUnavailable(image, error)
    throw new WorkspaceError('CREATE_FAILED', `failed to create container: ${messageOf(error)}`, { cause: error })
  }
}

async function reap(context: DockerContext, id: string): Promise<void> {
  const signal = AbortSignal.timeout(TIDY_TIMEOUT)
  for (let look = 0; look < LOOKS && !signal.aborted; look++) {
    const found = await findContainers(context, id, signal).catch(() => [])
    if (found.length > 0) return stopDocker(context, id, signal).catch(() => {})
    await context.clock.sleep(PAUSE)
  }
}

async function copyFiles(
  { engine }: DockerContext,
  container: string,
  { files }: ConfigFiles,
  signal: AbortSignal,
): Promise<void> {
  if (files.length === 0) return
  try {
    await engine.containers.putArchive(container, { path: CONFIGS_PATH }, files, { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw new WorkspaceError('CREATE_FAILED', `failed to copy files to ${CONFIGS_PATH}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

async function run({ engine }: DockerContext, container: string, signal: AbortSignal): Promise<void> {
  try {
    await engine.containers.start(container, {}, { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw new WorkspaceError('START_FAILED', `failed to start container: ${messageOf(error)}`, { cause: error })
  }
}

function refusals(refused: readonly string[]): string[] {
  return refused.length === 0 ? [] : [`not passed to the agent: ${refused.join(', ')}`]
}

function deadline(id: string, ms: number, outer: AbortSignal): Disposable & { readonly signal: AbortSignal } {
  const late = new AbortController()
  const timer = setTimeout(() => {
    late.abort(new TimeoutError('TIMEOUT', `the start of workspace ${id} took longer than ${ms} ms`))
  }, ms)
  return { signal: AbortSignal.any([outer, late.signal]), [Symbol.dispose]: () => clearTimeout(timer) }
}
