import { X509Certificate } from 'node:crypto'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'

import { InputError } from '../base/errors.ts'

// Parsing the roots of Node takes 65 ms: done once for a set of certificates, not for each client.
const contexts = new Map<string, SecureContext>()

/**
 * Options of a TLS connection that trusts these certificates, in PEM, beside those of Node.
 *
 * @throws InputError `INPUT_INVALID`: Node itself passes over what is no certificate
 */
export function trusting(ca: string | readonly string[] | undefined): { secureContext?: SecureContext } {
  const own = ca === undefined ? [] : [ca].flat()
  if (own.length === 0) return {}
  const key = own.join('\n')
  const known = contexts.get(key)
  if (known !== undefined) return { secureContext: known }
  own.forEach(requireCertificate)
  const secureContext = createSecureContext({ ca: [...rootCertificates, ...own] })
  contexts.set(key, secureContext)
  return { secureContext }
}

function requireCertificate(pem: string): void {
  try {
    void new X509Certificate(pem)
  } catch (cause) {
    throw new InputError('INPUT_INVALID', 'the CA given is not a certificate in PEM', { cause })
  }
}
