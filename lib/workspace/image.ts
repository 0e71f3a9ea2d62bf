import { WorkspaceError, isDockerError, messageOf, type ErrorCode } from '../base/errors.ts'
import type { Env } from '../base/ports.ts'
import { formatReference, parseReference } from '../base/reference.ts'
import { runtimeTarget } from '../refresh/target.ts'
import type { Workspace } from './workspace.ts'

/** The runtime of workspaces that name none. */
export const DEFAULT_RUNTIME = 'langgraph'

/**
 * The image of a workspace: its own, or its runtime's. An unknown runtime is an error and not another runtime.
 *
 * @throws InputError `INPUT_INVALID` naming the known runtimes, `REF_INVALID`
 */
export function workspaceImage({ image, runtime }: Pick<Workspace, 'image' | 'runtime'>, env: Env): string {
  const ref =
    image === undefined || image === '' ? runtimeTarget(runtime || DEFAULT_RUNTIME, env).ref : parseReference(image)
  return formatReference(ref)
}

/** The runtime that an image is for, as its name tells: `ghcr.io/a/workspace-template-hermes:latest` is hermes. */
export function runtimeOfImage(image: string): string {
  const [, local] = /workspace-template:(.+)$/.exec(image) ?? []
  if (local !== undefined) return local
  const [, runtime] = /workspace-template-([^:@]+)/.exec(image) ?? []
  if (runtime !== undefined) return runtime
  const colon = image.lastIndexOf(':')
  return image.slice(colon + 1) || image
}

/**
 * True when the engine lacks the image. Only a 404 can say so; a 404 to a create may also mean a network, a volume or a
 * container, and the engine's words are all that tells them apart.
 */
export function isImageMissing(error: unknown): boolean {
  if (!isDockerError(error) || error.status !== 404) return false
  if (error.path?.startsWith('/images/') === true) return true
  const words = (error.words ?? '').toLowerCase()
  return words.includes('no such image') || (words.includes('not found') && words.includes('image'))
}

/** The error of a workspace whose image cannot be had, with what to look at. */
export function imageUnavailable(ref: string, cause: unknown): WorkspaceError {
  const { registry } = parseReference(ref)
  const runtime = runtimeOfImage(ref)
  const cure =
    registry === 'ghcr.io'
      ? `verify GHCR visibility for ${runtime}`
      : `verify that ${registry} serves ${runtime} to this host`
  const code: ErrorCode = isDockerError(cause) ? cause.code : 'PULL_FAILED'
  return new WorkspaceError(
    code,
    `docker image "${ref}" not found after pull attempt: ${cure}, its login, and that the host can reach it (underlying error: ${messageOf(cause)})`,
    { cause, facts: { image: ref, runtime } },
  )
}
