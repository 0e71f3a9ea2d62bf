import { createHash } from 'node:crypto'

import type { Env } from '../base/ports.ts'

/** On everything that a platform made: `true`. */
export const MANAGED_LABEL = 'molecule.platform.managed'
/** Which platform made it: several may share one engine, and none may reap what belongs to another. */
export const INSTANCE_LABEL = 'molecule.platform.instance'
/** The whole id of the workspace. */
export const WORKSPACE_LABEL = 'molecule.workspace.id'
/** On a session volume: the wish to reset that made it anew, so that it is not granted at every start. */
export const RESET_LABEL = 'molecule.workspace.session-reset'

/** Labels of what belongs to one workspace. */
export function workspaceLabels(id: string, instance: string): Record<string, string> {
  return { [MANAGED_LABEL]: 'true', [INSTANCE_LABEL]: instance, [WORKSPACE_LABEL]: id }
}

/** This platform's own mark: of its database, for platforms that share one are one. `default` without a database. */
export function platformInstance(env: Env): string {
  const database = env['DATABASE_URL']
  if (database === undefined || database === '') return 'default'
  return createHash('sha256').update(database).digest('hex').slice(0, 16)
}
