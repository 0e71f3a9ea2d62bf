// Secrets that no run of the specs may show: whatever dockline or a spec prints is searched for them.
import { spellings } from '../../lib/base/redact.ts'

/** The login of the registry that fixtures are recorded with: it must be in none of them, in no encoding. */
export const CANARY = { username: 'canary-user', password: 'c4n4ry?p~ss>w0rd' } as const

/** The password of the registries, and the token of the services, of the live specs. */
export const LIVE_PASSWORD = 'pass?>~word'
export const LIVE_TOKEN = 'live-token-0123456789'

/** A secret in each variable that dockline takes one from: every suite runs with them. */
export const CANARY_ENV: Readonly<Record<string, string>> = {
  GHCR_USER: 'canary-user',
  GHCR_TOKEN: 'ghp_c4n4ry?of>ghcr~/+',
  ADMIN_TOKEN: 'c4n4ry?of>the~admin/+service',
  DOCKLINE_NOTIFY_SECRET: 'c4n4ry?of>the~notifications/+',
  MOLECULE_CP_SHARED_SECRET: 'c4n4ry?of>the~control/+plane',
  CP_ADMIN_API_TOKEN: 'c4n4ry?of>the~plane/+api',
  DOCKER_AUTH_CONFIG: JSON.stringify({
    auths: { 'canary.test': { auth: Buffer.from('canary-user:c4n4ry?of>auth~config/+').toString('base64') } },
  }),
}

/** Everything that is looked for. */
export const CANARIES: readonly string[] = [
  CANARY.password,
  LIVE_PASSWORD,
  LIVE_TOKEN,
  'c4n4ry?of>auth~config/+',
  ...Object.entries(CANARY_ENV)
    .filter(([name]) => name !== 'GHCR_USER' && name !== 'DOCKER_AUTH_CONFIG')
    .map(([, value]) => value),
]

/** A text in both base64 alphabets, padded and not. */
export function base64Forms(text: string): readonly string[] {
  const base64 = Buffer.from(text).toString('base64')
  return [base64, base64.replaceAll('+', '-').replaceAll('/', '_'), Buffer.from(text).toString('base64url')]
}

/** The spellings of secrets that a text shows. */
export function leaks(text: string, secrets: readonly string[] = CANARIES): string[] {
  return secrets.flatMap(spellings).filter((form) => text.includes(form))
}
