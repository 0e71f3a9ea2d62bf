import { InputError } from '../../base/errors.ts'
import type { Env } from '../../base/ports.ts'
import { Secret } from '../../base/secret.ts'

/** How a platform reaches its control plane. */
export interface ControlPlaneConfig {
  readonly orgId: string
  /** Without trailing slash. */
  readonly baseUrl: string
  /** Bearer of the workspace routes. */
  readonly sharedSecret: Secret
  /** Who the platform is. */
  readonly adminToken: Secret
  /** Bearer of the admin routes. */
  readonly adminApiToken: Secret
}

const DEFAULT_URL = 'https://api.moleculesai.app'

/** The control plane that the environment names. @throws InputError `CONFIG_INVALID` without `MOLECULE_ORG_ID` or with a URL that is none */
export function controlPlaneConfig(env: Env): ControlPlaneConfig {
  const first = (...names: string[]): string => names.map((name) => env[name]?.trim() ?? '').find(Boolean) ?? ''
  const orgId = first('MOLECULE_ORG_ID')
  if (orgId === '') throw new InputError('CONFIG_INVALID', 'a control plane needs MOLECULE_ORG_ID')
  const baseUrl = (first('CP_PROVISION_URL', 'MOLECULE_CP_URL') || DEFAULT_URL).replace(/\/+$/, '')
  const url = URL.parse(baseUrl)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '')
    throw new InputError(
      'CONFIG_INVALID',
      'CP_PROVISION_URL or MOLECULE_CP_URL is no http:// or https:// URL without login and query',
    )
  const sharedSecret = first('MOLECULE_CP_SHARED_SECRET', 'PROVISION_SHARED_SECRET')
  return {
    orgId,
    baseUrl,
    sharedSecret: new Secret(sharedSecret),
    adminToken: new Secret(first('ADMIN_TOKEN')),
    adminApiToken: new Secret(first('CP_ADMIN_API_TOKEN') || sharedSecret),
  }
}
