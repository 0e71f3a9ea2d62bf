import { InputError } from '../base/errors.ts'
import type { Env } from '../base/ports.ts'
import { parseReference, type Reference } from '../base/reference.ts'

/** An image to refresh. */
export interface Target {
  /** How the caller named it: a runtime, or a reference as it was written. It stands in `pulled` and `failed`. */
  readonly label: string
  readonly ref: Reference
}

/** The workspace runtimes, in the order in which they are refreshed. */
export const RUNTIMES: readonly string[] = [
  'claude-code',
  'langgraph',
  'crewai',
  'autogen',
  'deepagents',
  'hermes',
  'gemini-cli',
  'openclaw',
]

/** Containers of workspaces are called `ws-…`. */
export const WORKSPACE_PREFIX = 'ws-'

/** Registry and namespace of the runtimes: `MOLECULE_IMAGE_REGISTRY`, or GHCR. */
export function runtimeRegistry(env: Env): string {
  const configured = env['MOLECULE_IMAGE_REGISTRY']?.trim().replace(/\/+$/, '')
  return configured === undefined || configured === '' ? 'ghcr.io/molecule-ai' : configured
}

/** The target of a runtime. @throws InputError `INPUT_INVALID` for an unknown one, naming the known */
export function runtimeTarget(runtime: string, env: Env): Target {
  if (!RUNTIMES.includes(runtime)) {
    throw new InputError(
      'INPUT_INVALID',
      `unknown runtime: ${JSON.stringify(runtime)}; known are ${RUNTIMES.join(', ')}`,
      { facts: { knownRuntimes: RUNTIMES } },
    )
  }
  return { label: runtime, ref: parseReference(`${runtimeRegistry(env)}/workspace-template-${runtime}:latest`) }
}

/** The target of a reference. @throws InputError `REF_INVALID` */
export function imageTarget(reference: string): Target {
  return { label: reference, ref: parseReference(reference) }
}
