import { InputError, printable } from '../base/errors.ts'
import { WORKSPACE_PREFIX } from '../refresh/target.ts'

/** Names of what belongs to one workspace. */
export interface WorkspaceNames {
  readonly container: string
  /** Volume at /configs. */
  readonly configs: string
  /** Volume of the runtime's sessions. */
  readonly sessions: string
  /** Volume at /workspace, when no host path is mounted there. */
  readonly data: string
}

/** The port on which an agent listens in its container. */
export const AGENT_PORT = 8000

// What older platforms kept of an id: two of them may be equal where the ids are not.
const LEGACY_LENGTH = 12
// A container's name is a DNS label on its network: 63 characters, three of which are the prefix.
const MAX_ID = 60

/** Names as they are given: with the whole id. @throws InputError `NAME_INVALID` */
export function workspaceNames(id: string): WorkspaceNames {
  return namesWith(checkWorkspaceId(id), id)
}

/** Names as older platforms gave them: with the first twelve characters, but for the data volume. They go on working. */
export function legacyNames(id: string): WorkspaceNames {
  return namesWith(checkWorkspaceId(id).slice(0, LEGACY_LENGTH), id)
}

function namesWith(short: string, id: string): WorkspaceNames {
  const container = `${WORKSPACE_PREFIX}${short}`
  return {
    container,
    configs: `${container}-configs`,
    sessions: `${container}-claude-sessions`,
    data: `${WORKSPACE_PREFIX}${id}-workspace`,
  }
}

/** True when an id has been cut to what older platforms kept of it. */
export function isLegacyKey(id: string): boolean {
  return id.length === LEGACY_LENGTH
}

/** @throws InputError `NAME_INVALID` for an id that cannot be in the name of a container */
export function checkWorkspaceId(id: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(id) && id.length <= MAX_ID) return id
  throw new InputError(
    'NAME_INVALID',
    `not a workspace id: ${JSON.stringify(printable(id, 80))}: it has 1 to ${MAX_ID} letters, digits, "_", "." or "-"`,
  )
}

/** Where other containers of the network reach the agent. */
export function internalUrl(container: string): string {
  return `http://${container}:${AGENT_PORT}`
}

/** What the name of a workspace's container has behind its prefix: an id, or the beginning of one. */
export function keyOfContainer(name: string): string | undefined {
  return name.startsWith(WORKSPACE_PREFIX) ? name.slice(WORKSPACE_PREFIX.length) || undefined : undefined
}

/** The same of the name of a config or session volume. */
export function keyOfVolume(name: string): string | undefined {
  const owner = /^(.*)-(?:configs|claude-sessions)$/.exec(name)?.[1]
  return owner === undefined ? undefined : keyOfContainer(owner)
}

/** True for hex digits and dashes alone: an id, or the beginning of one, that holds no wildcard of SQL's LIKE. */
export function isLikelyWorkspaceId(text: string): boolean {
  return /^[0-9a-fA-F-]+$/.test(text)
}
