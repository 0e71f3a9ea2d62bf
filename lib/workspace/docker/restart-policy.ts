import { InputError } from '../../base/errors.ts'
import type { Env } from '../../base/ports.ts'

const POLICIES = ['no', 'always', 'on-failure', 'unless-stopped']

/** Restart policy of workspaces: `MOLECULE_WORKSPACE_RESTART_POLICY`, else `unless-stopped`. @throws InputError */
export function restartPolicy(env: Env, given?: string): string {
  const policy = given ?? (env['MOLECULE_WORKSPACE_RESTART_POLICY']?.trim() || 'unless-stopped')
  if (POLICIES.includes(policy)) return policy
  throw new InputError('INPUT_INVALID', `not a restart policy: ${JSON.stringify(policy)}: it is ${POLICIES.join(', ')}`)
}
