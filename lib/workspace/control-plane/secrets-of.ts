import type { ControlPlaneConfig } from './config.ts'

// Shorter values are words such as "true", which would be cut out of every sentence.
const MIN_LENGTH = 6

/** Everything that was sent and must not come back: the platform's own secrets and the workspace's environment. */
export function secretsOf(config: ControlPlaneConfig, env: Readonly<Record<string, string>>): string[] {
  const own = [config.sharedSecret, config.adminToken, config.adminApiToken].map((secret) => secret.reveal())
  return [...own.filter((secret) => secret !== ''), ...Object.values(env).filter(({ length }) => length >= MIN_LENGTH)]
}
