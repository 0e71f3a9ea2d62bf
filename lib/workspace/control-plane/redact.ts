import type { ControlPlaneConfig } from './config.ts'

// Shorter values are words such as "true", which would be cut out of every sentence.
const MIN_LENGTH = 6

/** Everything that was sent and must not come back: the platform's own secrets and the workspace's environment. */
export function secretsOf(config: ControlPlaneConfig, env: Readonly<Record<string, string>>): string[] {
  const own = [config.sharedSecret, config.adminToken, config.adminApiToken].map((secret) => secret.reveal())
  return [...own.filter((secret) => secret !== ''), ...Object.values(env).filter(({ length }) => length >= MIN_LENGTH)]
}

/** A text without any of the secrets, also where they are percent-encoded or in base64. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
  ])
  // The longest first: one secret may be the beginning of another.
  return [...new Set(forms)]
    .toSorted((a, b) => b.length - a.length)
    .reduce((clean, form) => clean.replaceAll(form, '[redacted]'), text)
}
