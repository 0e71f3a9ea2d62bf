import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

import type { Secret } from '../../base/secret.ts'

/** True when a text is the secret. Digests are compared, so that neither length nor prefix tells. */
export function isSecret(given: string | undefined, secret: Secret): boolean {
  return timingSafeEqual(sha256(given ?? ''), sha256(secret.reveal()))
}

/** True when a header of GitHub (`sha256=` and the HMAC in hex) is the signature of these very bytes. */
export function isSigned(header: string | undefined, body: Uint8Array, secret: Secret): boolean {
  const expected = `sha256=${createHmac('sha256', secret.reveal()).update(body).digest('hex')}`
  return timingSafeEqual(sha256(header ?? ''), sha256(expected))
}

/** Names the content of a delivery. */
export function fingerprint(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex')
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
