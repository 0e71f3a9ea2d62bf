import { InputError } from '../base/errors.ts'
import type { Workspace } from './workspace.ts'

/** The environment of an agent. */
export interface ContainerEnv {
  /** `KEY=value`, every key once; what the workspace set comes last. */
  readonly entries: readonly string[]
  /** Keys that the workspace wanted to set and may not. */
  readonly refused: readonly string[]
}

// What tells an agent who it is: a workspace that sets it would speak for another.
const IDENTITY = new Set(['WORKSPACE_ID', 'WORKSPACE_CONFIG_PATH', 'PLATFORM_URL', 'MOLECULE_URL', 'TIER'])

/** Keys of the platform itself: whoever holds one is the platform, so no agent gets them. */
export const PRIVILEGED_ENV: ReadonlySet<string> = new Set([
  'ADMIN_TOKEN',
  'CP_ADMIN_API_TOKEN',
  'MOLECULE_CP_SHARED_SECRET',
  'PROVISION_SHARED_SECRET',
  'DATABASE_URL',
  'REDIS_URL',
  'GHCR_TOKEN',
  'TEMPLATE_DISPATCH_TOKEN',
  'SECRETS_ENCRYPTION_KEY',
])

/** @throws InputError `INPUT_INVALID` for a key or value that no environment can hold */
export function containerEnv(workspace: Workspace): ContainerEnv {
  const { id, platformUrl, tier = 2, awareness, env = {} } = workspace
  const own: Record<string, string> = {
    WORKSPACE_ID: id,
    WORKSPACE_CONFIG_PATH: '/configs',
    PLATFORM_URL: platformUrl,
    MOLECULE_URL: platformUrl,
    TIER: String(tier),
    PLUGINS_DIR: '/plugins',
    PYTHONPATH: '/app',
    ...(awareness === undefined || awareness.namespace === '' || awareness.url === ''
      ? {}
      : { AWARENESS_NAMESPACE: awareness.namespace, AWARENESS_URL: awareness.url }),
  }
  const { taken, refused } = splitCustomEnv(env)
  const entries = [...Object.entries(own).filter(([key]) => !Object.hasOwn(taken, key)), ...Object.entries(taken)]
  return { entries: entries.map(([key, value]) => `${key}=${value}`), refused }
}

function isRefused(key: string): boolean {
  return IDENTITY.has(key) || PRIVILEGED_ENV.has(key)
}

/** What a workspace may set of what it wants to set. @throws InputError `INPUT_INVALID` */
export function splitCustomEnv(env: Readonly<Record<string, string>>): {
  readonly taken: Readonly<Record<string, string>>
  readonly refused: readonly string[]
} {
  for (const [key, value] of Object.entries(env)) {
    if (key === '' || /[=\0]/.test(key) || value.includes('\0'))
      throw new InputError('INPUT_INVALID', `no environment can hold the variable ${JSON.stringify(key.slice(0, 80))}`)
  }
  return {
    taken: Object.fromEntries(Object.entries(env).filter(([key]) => !isRefused(key))),
    refused: Object.keys(env).filter(isRefused),
  }
}
