import type { TierRights } from '../tiers.ts'
import type { Workspace } from '../workspace.ts'

/** A mount in the API's own words. Typed, for in `source:target` texts a colon in a path is torn apart. */
export interface MountBody {
  readonly Type: 'bind' | 'volume'
  readonly Source: string
  readonly Target: string
  readonly ReadOnly?: boolean | undefined
}

/** Volumes that a container mounts, by name. */
export interface VolumeNames {
  readonly configs: string
  readonly data: string
  /** Only for runtimes that keep sessions. */
  readonly sessions: string | undefined
}

export const CONFIGS_PATH = '/configs'
const ENGINE_SOCKET = '/var/run/docker.sock'
const SESSION_PATHS: Readonly<Record<string, string>> = { 'claude-code': '/root/.claude/sessions' }

/** Where a runtime keeps its sessions; `undefined` for one that keeps none. */
export function sessionPath(runtime: string | undefined): string | undefined {
  return runtime !== undefined && Object.hasOwn(SESSION_PATHS, runtime) ? SESSION_PATHS[runtime] : undefined
}

/** What is at /workspace: the directory of the host when there is one that may be seen, else the data volume. */
export function workspaceMount(
  { workspacePath = '', workspaceAccess = '' }: Pick<Workspace, 'workspacePath' | 'workspaceAccess'>,
  dataVolume: string,
): MountBody {
  const Target = '/workspace'
  if (workspacePath === '' || workspaceAccess === 'none') return { Type: 'volume', Source: dataVolume, Target }
  const bind: MountBody = { Type: 'bind', Source: workspacePath, Target }
  return workspaceAccess === 'read_only' ? { ...bind, ReadOnly: true } : bind
}

/** All mounts of a container. A sandbox has no /workspace, but keeps its sessions. */
export function workspaceMounts(workspace: Workspace, volumes: VolumeNames, rights: TierRights): MountBody[] {
  const path = sessionPath(workspace.runtime)
  return [
    { Type: 'volume', Source: volumes.configs, Target: CONFIGS_PATH },
    ...(rights.sandboxed ? [] : [workspaceMount(workspace, volumes.data)]),
    ...(volumes.sessions === undefined || path === undefined
      ? []
      : [{ Type: 'volume' as const, Source: volumes.sessions, Target: path }]),
    ...(rights.engineSocket ? [{ Type: 'bind' as const, Source: ENGINE_SOCKET, Target: ENGINE_SOCKET }] : []),
  ]
}
