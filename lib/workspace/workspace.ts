import { InputError } from '../base/errors.ts'
import type { Secret } from '../base/secret.ts'
import type { Access } from './access.ts'
import { checkAccess } from './access.ts'
import { checkWorkspaceId } from './names.ts'

/** A file for the config volume. */
export interface ConfigFile {
  readonly content: string | Uint8Array
  /** Permissions; default 0o644, for `.auth_token` 0o600. */
  readonly mode?: number | undefined
}

/** What a workspace is to be. */
export interface Workspace {
  readonly id: string
  /** One of the known runtimes; default langgraph. */
  readonly runtime?: string | undefined
  /** In the place of the runtime's image, for instance pinned by a digest. */
  readonly image?: string | undefined
  /** 1 sandbox, 2 standard (default), 3 privileged, 4 on the host. */
  readonly tier?: number | undefined
  /** Where the agent finds its platform. */
  readonly platformUrl: string
  /** Secrets and settings of the agent; what belongs to the platform is left out. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Directory on this machine whose files are copied to /configs. A restart gives none: it keeps what is there. */
  readonly template?: string | undefined
  /** Files for /configs by their path there; they win over those of the template. */
  readonly files?: Readonly<Record<string, string | ConfigFile>> | undefined
  /** Written to /configs/.auth_token, readable by the agent alone. */
  readonly token?: string | Secret | undefined
  /** Directory of the engine's machine to mount at /workspace; default a volume. */
  readonly workspacePath?: string | undefined
  readonly workspaceAccess?: Access | undefined
  /** Shared memory of agents; told to the agent only when both are there. */
  readonly awareness?: { readonly namespace: string; readonly url: string } | undefined
  /** Begin without the sessions of earlier runs. */
  readonly resetSession?: boolean | undefined
}

/** @throws InputError for an id, an access or a tier that cannot be */
export function checkWorkspace(workspace: Workspace): void {
  checkWorkspaceId(workspace.id)
  checkAccess(workspace.workspaceAccess, workspace.workspacePath)
  if (workspace.tier !== undefined && !Number.isSafeInteger(workspace.tier))
    throw new InputError('INPUT_INVALID', `the tier of workspace ${workspace.id} is no whole number`)
}
